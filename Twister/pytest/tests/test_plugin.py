"""Suites as pytest sees them, and what Twister makes of its report."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import twister_rules

PLUGIN = str(Path(__file__).parents[1])


def test_each_case_is_a_test_with_reason_log_and_duration(pytester, run, suite):
    result = run(suite, "--junit-xml=r.xml", "--pcie-output=out", "--pcie-seed=0x5eed")
    result.assert_outcomes(passed=2, failed=1, skipped=1)
    read = twister_rules.pytest_rules("r.xml", "pcie.s")
    assert read.status == "failed"
    assert [(case.name, case.status) for case in read.cases] == [
        ("pcie.s.s.passes[size=4B]", "passed"), ("pcie.s.s.passes[size=8B]", "passed"),
        ("pcie.s.s.fails", "failed"), ("pcie.s.s.waits", "skipped")]
    fails, waits = read.cases[2:]
    assert "\n" not in fails.reason and fails.reason.startswith("expected byte 0x0 to be aa"), fails.reason
    assert "s.yaml:17" in fails.log and "replay   pcie-harness run" in fails.log
    assert waits.reason.startswith("known failure: it is known"), waits.reason
    # A passing case has no children, and the record is where it was asked for.
    assert "<properties>" not in Path("r.xml").read_text()
    assert Path("out/pcie-harness/s/report.xml").exists()
    merged = twister_rules.merged_report([("pcie.s", read)], "native_sim")
    assert 'tests="4" failures="1" errors="0" skipped="1"' in merged
    assert twister_rules.first_pytest_rules("r.xml") == "failed"


def test_what_is_not_named_is_not_collected(pytester, run, suite):
    result = run(pytester.path)
    assert result.ret == 5
    result = run(pytester.path, "--pcie-suite=nothing.yaml")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*no suite at nothing.yaml, looked for in *"])


def test_a_suite_that_cannot_be_read_is_an_error_with_its_place(pytester, run, suite):
    suite.write_text(suite.read_text().replace("mem.bar0", "mem.bar7"))
    result = run(suite)
    assert result.ret == 2
    result.stdout.fnmatch_lines(["*s.yaml:14:*"])


def test_no_program(pytester, run, suite):
    result = run(suite, "--pcie-harness=./none")
    assert result.ret == 2
    result.stdout.fnmatch_lines(["*no program ./none; put pcie-harness on PATH, set PCIE_HARNESS, or pass*"])


def test_twister_before_3_5_names_its_build_folder(pytester, run, suite, program):
    arguments = program("exit 70\n")
    Path("tests/pytest").mkdir(parents=True)
    Path("b/zephyr").mkdir(parents=True)
    Path("b/zephyr/zephyr.exe").touch()
    result = run(
        "-s", "tests/pytest", "--cmdopt", "b", "--junit-xml", "r.xml", "-q", "--pcie-suite=../../s.yaml",
        "--pcie-image=client", "-k", "s.a")
    result.assert_outcomes(errors=1, deselected=1)
    words = arguments.read_text().split()
    assert words[:2] == ["run", str(suite)]
    assert "--case s.a --image client=b/zephyr/zephyr.exe" in " ".join(words)
    assert words[words.index("--output") + 1] == str(pytester.path / "b/pcie-harness/s")


def test_twister_passes_further_images_and_its_timeout(pytester, run, suite, program):
    arguments = program("exit 70\n")
    pytester.makepyfile(newer="""
        def pytest_addoption(parser):
            parser.addoption("--build-dir")
            parser.addoption("--base-timeout", type=float)
            parser.addoption("--required-build", action="append")
    """)
    for name in ("b", "c"):
        Path(name, "zephyr").mkdir(parents=True)
        Path(name, "zephyr/zephyr.elf").touch()
    result = run(
        "-p", "newer", suite, "--build-dir=b", "--required-build=c", "--base-timeout=60", "--pcie-image=client",
        "--pcie-image=server=@0", "--pcie-image=other=x")
    result.assert_outcomes(errors=2)
    words = arguments.read_text()
    assert "--image client=b/zephyr/zephyr.elf --image server=c/zephyr/zephyr.elf --image other=x" in words
    assert "--timeout 54000ms" in words
    result = run("-p", "newer", suite, "--pcie-image=server=@2")
    result.stdout.fnmatch_lines(["*--pcie-image=server=@2: Twister passed 0 required applications*"])


def test_no_result_is_never_a_pass(pytester, run, suite, program):
    program("echo 'error: the machine is on fire'; exit 70\n")
    result = run(suite, "--junit-xml=r.xml")
    result.assert_outcomes(errors=2)
    read = twister_rules.pytest_rules("r.xml", "pcie.s")
    assert read.status == "error"
    assert all("no result; pcie-harness ended with 70: error: the machine is on fire" in case.reason
               for case in read.cases)


def test_an_error_is_none_of_the_tested_side(pytester, run, suite, program):
    program(
        "while [ $# -gt 0 ]; do [ $1 != --junit ] || report=$2; shift; done\n"
        'cat >"$report" <<END\n'
        '<testsuites><testsuite><testcase name="s.a" time="1.5"><error message="no worker">log</error></testcase>'
        '<testcase name="s.b" time="2.5"/></testsuite></testsuites>\n'
        "END\n"
        "exit 3\n")
    result = run(suite, "--junit-xml=r.xml")
    result.assert_outcomes(errors=1, passed=1)
    read = twister_rules.pytest_rules("r.xml", "pcie.s")
    assert (read.status, [case.status for case in read.cases]) == ("error", ["error", "passed"])
    assert read.cases[0].log == "log"
    assert 'name="s.b" time="2.500"' in Path("r.xml").read_text()


def test_terminated_by_twister_it_leaves_nobody(pytester, suite, program):
    program("echo $$ >pid.new; mv pid.new pid; exec sleep 60\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-p", "pcie_harness_pytest", "-p", "no:cacheprovider", str(suite),
         "--junit-xml=r.xml"], env={**os.environ, "PYTHONPATH": PLUGIN}, stdout=subprocess.DEVNULL)
    pid = pytester.path / "pid"
    while not pid.exists() and process.poll() is None:
        pass
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 143
    assert not Path("/proc", pid.read_text().strip()).exists()
    assert Path("r.xml").exists()


def test_ctest_runs_what_list_prints(pytester, suite):
    program = os.environ.get("PCIE_HARNESS", "pcie-harness")
    tests = subprocess.run(
        [program, "list", "--format", "cmake", str(suite)], capture_output=True, text=True, check=True).stdout
    Path("CTestTestfile.cmake").write_text(tests)
    # A failure that is known is not skipped: its exit code is 0.
    done = subprocess.run(
        ["ctest", "--build-nocmake", "--test-dir", ".", "--output-junit", "r.xml", "--output-on-failure"],
        capture_output=True, text=True, check=False)
    assert done.returncode == 8, done.stdout + done.stderr
    read = twister_rules.ctest_rules("r.xml", "pcie.s")
    assert read.status == "failed"
    assert [(case.name, case.status) for case in read.cases] == [
        ("pcie.s.s.passes[size=4B]", "passed"), ("pcie.s.s.passes[size=8B]", "passed"),
        ("pcie.s.s.fails", "failed"), ("pcie.s.s.waits", "passed")]
    assert "replay   pcie-harness run" in read.cases[2].log
