"""Loads the plugin of this module from where it stands, whether or not it is installed."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "pytest"))
pytest_plugins = ["pcie_harness_pytest"]


def pytest_addoption(parser):
    """What a conftest loads comes too late to do this as the plugin does it elsewhere."""
    try:
        parser.addoption("--cmdopt", help="the build folder, as Twister before 3.5 passes it")
    except ValueError:
        pass
