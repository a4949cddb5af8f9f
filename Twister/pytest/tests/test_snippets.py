"""The lines for continuous integration in the documentation: they are run, and leave the report that they upload."""

import os
import re
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "Sources/PCIeHarness/Documentation.docc/Twister.md").read_text()
SECTION = PAGE.split("## In continuous integration\n")[1].split("\n## ")[0]


def block(name, language):
    return re.search(rf"{name}:\n\n```{language}\n(.*?)```", SECTION, re.DOTALL)[1]


def github():
    steps = yaml.safe_load(block("GitHub", "yaml"))
    upload = next(step for step in steps if "uses" in step)
    assert upload["if"] == "always()", "a report of failures is wanted most"
    return [step["run"] for step in steps if "run" in step], upload["with"]["path"]


def gitlab():
    (job,) = yaml.safe_load(block("GitLab", "yaml")).values()
    assert job["artifacts"]["when"] == "always"
    return job["script"], job["artifacts"]["reports"]["junit"]


def jenkins():
    text = block("Jenkins", "groovy")
    assert text.count("{") == text.count("}") and re.search(r"post \{ always \{ junit", text)
    return re.findall(r"sh '([^']+)'", text), re.search(r"junit '([^']+)'", text)[1]


@pytest.mark.parametrize("service", [github, gitlab, jenkins])
def test_its_lines_leave_the_report(service, tmp_path):
    commands, report = service()
    (tmp_path / "Suites").mkdir()
    # Any suite does; that of the page's example takes longer.
    (tmp_path / "Suites/dma.yaml").write_text((ROOT / "Suites/msix.yaml").read_text())
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "pcie-harness").symlink_to(os.environ["PCIE_HARNESS"])
    environment = {
        **os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT / "Twister/pytest"),
        "PYTEST_PLUGINS": "pcie_harness_pytest"}
    assert commands
    for command in commands:
        if command == "pip install ./Twister/pytest":
            # The network is not ours; that the folder is a package is tested elsewhere.
            assert (ROOT / "Twister/pytest/pyproject.toml").is_file()
            continue
        command = re.sub(r"^pytest ", "python3 -m pytest -p no:cacheprovider ", command)
        done = subprocess.run(command, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    cases = ET.parse(tmp_path / report).getroot().iter("testcase")
    assert len(list(cases)) > 1
