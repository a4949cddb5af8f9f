"""Collects suites of pcie-harness as tests: each case is an item with its own verdict, reason, log and duration.

    pytest Suites/dma.yaml                      a suite named on the command line
    pytest FOLDER --pcie-suite=dma.yaml         the same, relative to FOLDER, as Twister's pytest_args want it

A YAML file that is only met while a folder is searched is left alone. Under Twister the build folders of the scenario's
image and of its required applications become images of the suite, and Twister's timeout the deadline of the run.
"""

import os
import tempfile
from pathlib import Path

import pytest

import pcie_harness_run
from pcie_harness_run import Run, Trouble

# The run that Twister ends must end before: Twister kills everything at once.
SHARE_OF_TIMEOUT = 0.9


def pytest_addoption(parser):
    group = parser.getgroup("pcie-harness")
    group.addoption("--pcie-harness", metavar="PATH", help="the program pcie-harness; else PCIE_HARNESS, else PATH")
    group.addoption("--pcie-suite", metavar="FILE", action="append", default=[],
                    help="a suite to run, relative to a folder on the command line or the current one")
    group.addoption("--pcie-image", metavar="NAME[=PATH|=@N]", action="append", default=[],
                    help="a file for an image; NAME alone is what Twister built for the scenario, @N (from 0) for its "
                    "required applications")
    group.addoption("--pcie-seed", metavar="SEED", help="the seed of the run")
    group.addoption("--pcie-output", metavar="FOLDER", help="where records are kept")
    group.addoption("--pcie-run", metavar="OPTION", action="append", default=[],
                    help="a further option of pcie-harness run, such as --pcie-run=--capture=failed")


@pytest.hookimpl(hookwrapper=True)
def pytest_load_initial_conftests(parser):
    """Twister before 3.5 passes --cmdopt, which its samples declare in a conftest each; ours is the last to do so."""
    yield
    try:
        parser.addoption("--cmdopt", help="the build folder, as Twister before 3.5 passes it")
    except ValueError:
        pass


def pytest_configure(config):
    folders = [Path(argument.split("::")[0]) for argument in config.args]
    for suite in config.getoption("--pcie-suite"):
        found = [folder / suite for folder in folders if (folder / suite).is_file()] or [Path(suite)]
        if not found[0].is_file():
            raise pytest.UsageError(f"no suite at {suite}, looked for in {', '.join(map(str, folders))} and here")
        config.args.append(str(found[0].resolve()))


def pytest_collect_file(file_path, parent):
    if file_path.suffix not in (".yaml", ".yml"):
        return None
    named = [Path(argument.split("::")[0]).resolve() for argument in parent.config.args]
    return SuiteFile.from_parent(parent, path=file_path) if file_path.resolve() in named else None


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    result = yield
    if isinstance(item, CaseItem):
        item.complete(result.get_result())


def twister(config, name, otherwise=None):
    """An option of Twister's own pytest plugin, which is not always there."""
    return config.getoption(name, default=None) or otherwise


class SuiteFile(pytest.File):
    """A suite. It is run once, with the cases that are left after pytest's own selection."""

    def collect(self):
        try:
            self.binary = pcie_harness_run.find_binary(self.config.getoption("--pcie-harness"))
            self.count = 0
            for suite in pcie_harness_run.list_cases(self.binary, self.path):
                for case in suite["cases"]:
                    self.count += 1
                    yield CaseItem.from_parent(self, name=case["id"], line=case["line"])
        except Trouble as trouble:
            raise self.CollectError(str(trouble)) from None

    def outcome(self, item):
        if not hasattr(self, "outcomes"):
            chosen = [other.name for other in item.session.items if other.parent is self]
            self.outcomes, self.missing = Run(
                self.binary, self.path, self.folder(), self.options(chosen)).outcomes()
        return self.outcomes.get(item.name, self.missing)

    def build_folder(self):
        return twister(self.config, "build_dir") or twister(self.config, "--cmdopt")

    def folder(self):
        """A folder of this run alone: Twister runs many side by side."""
        given = self.config.getoption("--pcie-output") or self.build_folder()
        if given is None:
            return tempfile.mkdtemp(prefix="pcie-harness-")
        return os.path.join(os.path.abspath(given), "pcie-harness", self.path.stem)

    def options(self, chosen):
        config = self.config
        options = list(config.getoption("--pcie-run"))
        if len(chosen) < self.count:
            for name in chosen:
                options += ["--case", name]
        if config.getoption("--pcie-seed"):
            options += ["--seed", config.getoption("--pcie-seed")]
        for image in config.getoption("--pcie-image"):
            options += ["--image", self.image(image)]
        timeout = twister(config, "base_timeout")
        if timeout:
            options += ["--timeout", f"{int(float(timeout) * 1000 * SHARE_OF_TIMEOUT)}ms"]
        return options

    def image(self, text):
        name, _, place = text.partition("=")
        if place and not place.startswith("@"):
            return text
        if place:
            builds = twister(self.config, "required_build", [])
            builds = [builds] if isinstance(builds, str) else builds
            if not place[1:].isdigit() or int(place[1:]) >= len(builds):
                raise Trouble(f"--pcie-image={text}: Twister passed {len(builds)} required applications")
            folder = builds[int(place[1:])]
        else:
            folder = self.build_folder()
        if folder is None:
            raise Trouble(f"--pcie-image={text} is for Twister, which passes a build folder; add =PATH")
        for file in ("zephyr.exe", "zephyr.elf"):
            path = os.path.join(folder, "zephyr", file)
            if os.path.exists(path):
                return f"{name}={path}"
        raise Trouble(f"--pcie-image={text}: no zephyr.exe or zephyr.elf in {folder}/zephyr")


class CaseItem(pytest.Item):
    """A case. What went wrong with the tested side fails it; what kept it from running is an error."""

    def __init__(self, line, **words):
        super().__init__(**words)
        self.line = line
        self.outcome = None

    def setup(self):
        try:
            self.outcome = self.parent.outcome(self)
        except Trouble as trouble:
            self.outcome = pcie_harness_run.Outcome("error", str(trouble), str(trouble), 0)
        except Run.Terminated:
            pytest.exit("terminated", returncode=143)
        if self.outcome.verdict == "skipped":
            pytest.skip(self.outcome.reason)
        if self.outcome.verdict == "error":
            raise Trouble(self.outcome.reason)

    def runtest(self):
        if self.outcome.verdict == "failed":
            raise AssertionError(self.outcome.reason)

    def reportinfo(self):
        return self.path, self.line - 1, self.name

    def complete(self, report):
        """Puts the log in the place of Python's traceback, and the time of the case in that of the look-up."""
        if self.outcome is None:
            return
        report.duration = self.outcome.seconds if report.when == "call" else 0
        if report.skipped:
            report.longrepr = (str(self.path), self.line, f"Skipped: {self.outcome.reason}")
        elif report.failed:
            report.longrepr = CaseLog(f"{self.path}:{self.line}", self.outcome)


class CaseLog:
    """What pytest shows of a case that did not pass: its JUnit report takes the message from `reprcrash`."""

    class Crash:
        def __init__(self, place, message):
            self.path, _, line = place.rpartition(":")
            self.lineno = int(line)
            self.message = message

        def __str__(self):
            return f"{self.path}:{self.lineno}: {self.message}"

    def __init__(self, place, outcome):
        self.reprcrash = CaseLog.Crash(place, outcome.reason)
        self.text = outcome.log.strip("\n") or outcome.reason

    def toterminal(self, writer):
        writer.line(self.text)

    def __str__(self):
        return self.text
