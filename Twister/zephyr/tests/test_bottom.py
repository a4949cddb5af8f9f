"""The host's side of a link, without Zephyr: what it says of bad input, and what it does over a real link."""

import os
import subprocess

import pytest

from conftest import MODULE

SUITE = """\
format: 1
suite: s
timeout: 20s
images:
  image: {{file: image, hint: none}}
topology:
  nodes:
    host: {{board: native, image: image, role: root-complex}}
    ep:   {{model: memory-mock, msix: 4}}
  links:
    l0: {{upstream: host, downstream: ep}}
cases:
  c:
    allow: [node-exit, surprise-down, unsupported-request]
    steps:
{steps}
"""


def run(path, *arguments, **environment):
    environment = {key: value for key, value in os.environ.items() if key != "PCIE_LINK"} | environment
    return subprocess.run(
        [path, *arguments], capture_output=True, text=True, check=False, env=environment, timeout=30)


def test_no_link_is_named(simulator):
    done = run(simulator, "find")
    assert done.returncode == 1
    assert done.stderr == "pcie-link: no link is named; pass --pcie-link=unix:PATH#NODE or set PCIE_LINK\n"
    done = run(simulator, "optional")
    assert done.returncode == 0
    assert done.stderr.endswith("set PCIE_LINK; going on without\n")


def test_no_broker(simulator, tmp_path):
    done = run(simulator, "find", PCIE_LINK=f"unix:{tmp_path}/none#host")
    assert done.returncode == 1
    first, second = done.stderr.splitlines()
    assert first.startswith(f"pcie-link: cannot open unix:{tmp_path}/none#host: ") and "No such file" in first
    assert second.startswith("pcie-link: is pcie-harness running there? It starts this image itself")


@pytest.mark.parametrize("url", ["tcp:1.2.3.4#a", "unix:/x", "unix:#a", ""])
def test_a_wrong_name(simulator, url):
    done = run(simulator, f"--pcie-link={url}", "find")
    assert done.returncode == 1
    assert done.stderr.startswith(f"pcie-link: cannot open {url}: an argument is out of its bounds: ")


def suite(tmp_path, simulator, mode, *steps):
    """Runs a case with the simulator as host, and gives what pcie-harness said."""
    (tmp_path / "Boards").mkdir()
    board = (MODULE.parent / "Boards/native.yaml").read_text()
    (tmp_path / "Boards/native.yaml").write_text(board)
    (tmp_path / "image").write_text(f"#!/bin/sh\nexec {simulator} {mode}\n")
    (tmp_path / "image").chmod(0o755)
    path = tmp_path / "s.yaml"
    path.write_text(SUITE.format(steps="\n".join(f"      - {step}" for step in steps)))
    done = subprocess.run(
        [os.environ.get("PCIE_HARNESS", "pcie-harness"), "run", path, "--output", tmp_path / "out"],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stdout + done.stderr


def test_interrupts_come_as_a_bitmap(simulator, tmp_path):
    suite(
        tmp_path, simulator, "interrupt", "wait: {console: host, matches: 'found 0001:0002'}",
        "msix: {by: ep, vector: 3}", "wait: {console: host, matches: 'events 0x10 vectors 0x8'}",
        "wait: {exit: host, status: 0}")


def test_a_simulator_that_outruns_the_host_is_told(simulator, tmp_path):
    suite(
        tmp_path, simulator, "ahead",
        "wait: {console: host, matches: 'pcie-link: simulated time is [0-9]+ ms ahead of the host.s'}",
        "wait: {exit: host, status: 1}")


def test_a_pace_lets_it_run_without_real_time(simulator, tmp_path):
    suite(
        tmp_path, simulator, "paced", "wait: {console: host, matches: 'found'}", "msix: {by: ep, vector: 3}",
        "wait: {console: host, matches: 'vectors 0x8'}", "wait: {exit: host, status: 0}")


def test_native_sim_compiles(compile, tmp_path):
    for source in ("link_bottom.c", "bottom_native_sim.c"):
        compile("native_sim", "-c", MODULE / "drivers" / source, "-o", tmp_path / "o")
