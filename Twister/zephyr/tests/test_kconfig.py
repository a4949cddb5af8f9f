"""The module's Kconfig as Zephyr's own reader sees it."""

import sys

import pytest

try:
    import kconfiglib
except ImportError:  # Debian's package, where python3 is another Python; it is one file that knows no version.
    sys.path.append("/usr/lib/python3/dist-packages")
    import kconfiglib

from conftest import MODULE

# What Zephyr declares and the module asks for; the values stand for a board.
ZEPHYR = """
config ARCH_POSIX
  bool
  default {posix}
config BOARD_NATIVE_POSIX
  bool
  default {native_posix}
config BOARD_NATIVE_SIM
  bool
  default {native_sim}
config NATIVE_POSIX_SLOWDOWN_TO_REAL_TIME
  bool "slow"
config NATIVE_SIM_SLOWDOWN_TO_REAL_TIME
  bool "slow"
config DT_HAS_PCIE_HARNESS_LINK_HOST_ENABLED
  bool
  default {host}
config DT_HAS_PCIE_HARNESS_LINK_ENDPOINT_ENABLED
  bool
  default {endpoint}
config PCIE_CONTROLLER
  bool "controller"
config PCIE_ENDPOINT
  bool "endpoint"
source "{module}/zephyr/Kconfig"
"""


@pytest.fixture
def board(tmp_path):
    def make(**values):
        known = dict(posix="n", native_posix="n", native_sim="n", host="n", endpoint="n")
        root = tmp_path / "Kconfig"
        root.write_text(ZEPHYR.format(module=MODULE, **{**known, **values}))
        return kconfiglib.Kconfig(str(root), warn_to_stderr=False)
    return make


def link_symbols(kconfig):
    return [symbol for symbol in kconfig.unique_defined_syms if symbol.name.startswith("PCIE_HARNESS_LINK")]


def test_it_is_read_without_a_warning(board):
    kconfig = board(posix="y", native_sim="y")
    assert kconfig.warnings == []
    assert len(link_symbols(kconfig)) > 1


def test_every_symbol_has_a_prompt_a_type_and_a_default_within_its_range(board):
    kconfig = board(posix="y", native_sim="y", host="y", endpoint="y")
    kconfig.syms["PCIE_HARNESS_LINK"].set_value("y")
    for symbol in link_symbols(kconfig):
        assert symbol.nodes[0].prompt, symbol.name
        assert symbol.type != kconfiglib.UNKNOWN, symbol.name
        assert symbol.str_value != "", symbol.name
    # Of a default out of its range it warns, and takes the nearest value.
    assert kconfig.warnings == []


def test_only_a_program_of_the_host_has_a_link(board):
    kconfig = board()
    link = kconfig.syms["PCIE_HARNESS_LINK"]
    assert link.visibility == 0
    link.set_value("y")
    assert link.str_value == "n"


@pytest.mark.parametrize("simulator", ["native_posix", "native_sim"])
def test_the_link_asks_for_real_time(board, simulator):
    kconfig = board(posix="y", **{simulator: "y"})
    kconfig.syms["PCIE_HARNESS_LINK"].set_value("y")
    slow = kconfig.syms[f"{simulator.upper()}_SLOWDOWN_TO_REAL_TIME"]
    assert slow.str_value == "y"
    slow.set_value("n")
    assert slow.str_value == "n", "an application may say otherwise"


@pytest.mark.parametrize("side", ["host", "endpoint"])
def test_a_driver_comes_with_its_node_in_the_devicetree(board, side):
    driver = f"PCIE_HARNESS_LINK_{side.upper()}"
    for present in ("n", "y"):
        kconfig = board(posix="y", native_sim="y", **{side: present})
        kconfig.syms["PCIE_HARNESS_LINK"].set_value("y")
        assert kconfig.syms[driver].str_value == present
