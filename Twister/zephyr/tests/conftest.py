"""Builds of the module's host side: for native_sim, native_posix, and as a program in the place of a simulator."""

import subprocess
from pathlib import Path

import pytest

MODULE = Path(__file__).resolve().parents[2]
LIBRARY = MODULE.parent / "Sources/CPCIeLink"
STUBS = Path(__file__).parent / "stubs"


@pytest.fixture(scope="session")
def compile():
    def compile(simulator, *words):
        command = [
            "cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-O1", f"-I{MODULE / 'drivers'}", f"-I{LIBRARY / 'include'}",
            f"-I{LIBRARY}", f"-I{STUBS / simulator}", "-DCONFIG_PCIE_HARNESS_LINK_IRQ=9", "-DPCIE_HARNESS_LINK_IRQ=9",
            *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    return compile


@pytest.fixture(scope="session")
def simulator(compile, tmp_path_factory):
    path = tmp_path_factory.mktemp("build") / "simulator"
    bottom = [MODULE / "drivers/link_bottom.c", MODULE / "drivers/bottom_native_posix.c"]
    compile("native_posix", STUBS / "simulator.c", *bottom, *LIBRARY.glob("*.c"), "-o", path)
    return path
