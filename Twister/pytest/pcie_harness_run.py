"""Calls of the pcie-harness binary: the list of a suite's cases, and a run of them."""

import ctypes
import json
import os
import shutil
import signal
import subprocess
import threading
import xml.etree.ElementTree
from collections import namedtuple

# How a case ended. verdict: passed, failed, error or skipped; reason: one line; log: what the terminal would show.
Outcome = namedtuple("Outcome", "verdict reason log seconds")

VERDICTS = {"failure": "failed", "error": "error", "skipped": "skipped"}
PR_SET_PDEATHSIG = 1  # prctl(2)


class Trouble(Exception):
    """The binary is not there, or could not do what it was asked for; the text is for the user."""


def find_binary(given):
    """The path of pcie-harness: as given, else from PCIE_HARNESS, else from PATH."""
    name = given or os.environ.get("PCIE_HARNESS") or "pcie-harness"
    path = shutil.which(name)
    if path is None:
        raise Trouble(
            f"no program {name}; put pcie-harness on PATH, set PCIE_HARNESS, or pass --pcie-harness=PATH"
        )
    return os.path.abspath(path)


def list_cases(binary, suite):
    """The suites in a file with their cases, as `list --format json` tells them."""
    done = subprocess.run(
        [binary, "list", "--format", "json", str(suite)], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        raise Trouble(done.stderr.strip() or f"{binary} list ended with {done.returncode}")
    return json.loads(done.stdout)["suites"]


def _die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Run:
    """One run of the binary over one suite. A SIGTERM meanwhile, as Twister sends it at its timeout, ends the run
    first and then raises Terminated, so that no child stays and pytest still writes its report."""

    class Terminated(BaseException):
        pass

    def __init__(self, binary, suite, folder, options):
        self.report = os.path.join(folder, "report.xml")
        self.command = [
            binary, "run", str(suite), "--junit", self.report, "--output", folder, "--color", "never", *options
        ]

    def perform(self):
        """Runs to the end, and gives what the binary printed and its exit code."""
        os.makedirs(os.path.dirname(self.report), exist_ok=True)
        if os.path.exists(self.report):
            os.remove(self.report)
        is_main = threading.current_thread() is threading.main_thread()
        process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", preexec_fn=_die_with_parent)

        def terminate(number, frame):
            raise Run.Terminated()

        before = signal.signal(signal.SIGTERM, terminate) if is_main else None
        try:
            text, _ = process.communicate()
        except BaseException:
            process.terminate()
            process.wait()
            raise
        finally:
            if is_main:
                signal.signal(signal.SIGTERM, before)
        return text, process.returncode

    def outcomes(self):
        """How each case ended, by its id; the text of the whole run for cases that have no result."""
        text, code = self.perform()
        outcomes = {}
        if os.path.exists(self.report):
            for element in xml.etree.ElementTree.parse(self.report).getroot().iter("testcase"):
                outcomes[element.get("name")] = _outcome(element)
        last = text.strip().splitlines()[-1:] or [""]
        return outcomes, Outcome("error", f"no result; pcie-harness ended with {code}: {last[0].strip()}", text, 0)


def _outcome(element):
    seconds = float(element.get("time"))
    for child in element:
        if child.tag in VERDICTS:
            return Outcome(VERDICTS[child.tag], child.get("message") or child.tag, child.text or "", seconds)
    return Outcome("passed", "", "", seconds)
