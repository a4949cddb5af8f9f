"""The plugin under test is that of this checkout, and the program that of PCIE_HARNESS, else of PATH."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
pytest_plugins = ["pytester"]

SUITE = """\
format: 1
suite: s
timeout: 10s
topology:
  nodes:
    rc:  {model: root-complex}
    mem: {model: memory-mock}
  links:
    l0: {upstream: rc, downstream: mem}
cases:
  passes:
    matrix: {size: [4B, 8B]}
    steps:
      - mem_read: {by: rc, from: mem.bar0, offset: 0x0, length: $size}
  fails:
    steps:
      - mem_read: {by: rc, from: mem.bar0, offset: 0x0, length: 1B, expect: {data: {bytes: aa}}}
  waits:
    known_failure: {reason: it is known, issue: none}
    steps:
      - mem_read: {by: rc, from: mem.bar0, offset: 0x0, length: 1B, expect: {data: {bytes: aa}}}
"""


@pytest.fixture
def suite(pytester):
    path = pytester.path / "s.yaml"
    path.write_text(SUITE)
    return path


@pytest.fixture
def program(pytester, monkeypatch):
    """Makes a script the program; it lists a suite with the cases `s.a` and `s.b`."""

    def make(run):
        path = pytester.path / "program"
        path.write_text(
            "#!/bin/sh\n"
            'if [ "$1" = list ]; then\n'
            '  echo \'{"suites":[{"cases":[{"id":"s.a","line":3},{"id":"s.b","line":4}]}]}\'\n'
            "  exit 0\n"
            "fi\n"
            'echo "$*" >"$(dirname "$0")/arguments"\n' + run)
        path.chmod(0o755)
        monkeypatch.setenv("PCIE_HARNESS", str(path))
        return pytester.path / "arguments"

    return make


@pytest.fixture
def run(pytester):
    """Runs pytest with the plugin, and with none of those that happen to be installed."""
    pytester.syspathinsert()

    def run(*arguments):
        return pytester.runpytest_inprocess("-p", "pcie_harness_pytest", "-p", "no:cacheprovider", *arguments)

    return run
