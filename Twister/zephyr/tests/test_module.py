"""The files that Zephyr's build and Twister read, as far as they can be wrong without either."""

import re
from pathlib import Path

import yaml

from conftest import MODULE

SYMBOL = re.compile(r"\bPCIE_HARNESS_LINK\w*")


def test_the_module_names_what_is_there():
    module = yaml.safe_load((MODULE / "zephyr/module.yml").read_text())
    build = module["build"]
    assert module["name"] == "pcie-harness"
    assert (MODULE / build["cmake"] / "CMakeLists.txt").is_file()
    assert (MODULE / build["kconfig"]).is_file()
    assert all((MODULE / folder).is_dir() for folder in module["tests"])


def test_symbols_are_declared_once_and_used():
    declared = re.findall(r"(?m)^(?:menu)?config (\w+)$", (MODULE / "zephyr/Kconfig").read_text())
    assert len(declared) == len(set(declared)) > 1
    used = set()
    for path in MODULE.rglob("*"):
        if path.name == "CMakeLists.txt" or path.suffix in (".c", ".h", ".conf"):
            used |= set(re.findall(r"CONFIG_(PCIE_HARNESS\w+)", path.read_text()))
    assert used == set(declared)


def test_each_node_has_a_binding_and_a_driver():
    bindings = {path.stem: yaml.safe_load(path.read_text()) for path in MODULE.glob("dts/bindings/pcie/*.yaml")}
    drivers = {
        name for path in MODULE.glob("drivers/*.c")
        for name in re.findall(r"DT_DRV_COMPAT (\w+)", path.read_text())}
    assert {re.sub(r"\W", "_", name) for name in bindings} == drivers
    overlays = list(MODULE.rglob("*.overlay"))
    assert overlays
    for path in overlays:
        text = path.read_text()
        (name,) = re.findall(r'compatible = "([^"]+)"', text)
        assert bindings[name]["compatible"] == name
        required = {key for key, value in bindings[name].get("properties", {}).items() if value.get("required")}
        assert required <= set(re.findall(r"(?m)^\s*([\w-]+) =", text)), path


def test_each_suite_is_a_scenario():
    folder = MODULE / "tests/suites"
    scenarios = yaml.safe_load((folder / "testcase.yaml").read_text())["tests"]
    suites = {path.resolve() for path in (MODULE.parent / "Suites").glob("*.yaml")}
    named = set()
    for name, scenario in scenarios.items():
        # What every Twister takes: words of letters, digits and underscores, at least three of them.
        assert re.fullmatch(r"\w+(\.\w+){2,}", name)
        (option,) = scenario["harness_config"]["pytest_args"]
        path = (folder / "pytest" / option.removeprefix("--pcie-suite=")).resolve()
        assert path.stem.replace("-", "_") == name.rpartition(".")[2]
        named.add(path)
    assert named == suites, "each suite needs a scenario in Twister/tests/suites/testcase.yaml"


def test_cmake_and_sources_name_files_that_are_there():
    for path in MODULE.rglob("CMakeLists.txt"):
        for name in re.findall(r"(?m)(?:\$\{module\}|\.\.)/[\w/.]+\.c\b", path.read_text()):
            file = MODULE / name[10:] if name.startswith("$") else path.parent / name
            assert file.is_file(), f"{path}: {name}"
