"""What Twister does with the report of a harness, written anew from its rules (Zephyr's twisterlib/harness.py and
reports.py); to prove that it reads ours without a change."""

import xml.etree.ElementTree as ElementTree
from collections import namedtuple

Case = namedtuple("Case", "name status reason log")
Suite = namedtuple("Suite", "status cases")


def pytest_rules(path, scenario):
    """Twister from 3.5 on. The attributes of the first suite are trusted, and compared as text; the first child of a
    case decides."""
    suite = ElementTree.parse(path).getroot().find("testsuite")
    if suite is None:
        return Suite("skipped", [])
    float(suite.get("time"))
    status = "passed"
    if suite.get("failures") != "0":
        status = "failed"
    elif suite.get("errors") != "0":
        status = "error"
    elif suite.get("skipped") == suite.get("tests"):
        status = "skipped"
    cases = []
    for element in suite.findall("testcase"):
        float(element.get("time"))
        name = f"{scenario}.{element.get('name')}"
        if len(element) == 0:
            cases.append(Case(name, "passed", None, None))
        else:
            words = {"skipped": "skipped", "failure": "failed"}
            cases.append(
                Case(name, words.get(element[0].tag, "error"), element[0].get("message"), element[0].text))
    return Suite(status, cases)


def first_pytest_rules(path):
    """Twister before 3.5: the suite alone has a status, and one skip skips it."""
    status = None
    for child in ElementTree.parse(path).getroot():
        if child.tag == "testsuite":
            status = "passed"
            if child.attrib["failures"] != "0":
                status = "failed"
            elif child.attrib["skipped"] != "0":
                status = "skipped"
            elif child.attrib["errors"] != "0":
                status = "error"
    return status


def ctest_rules(path, scenario):
    """The ctest harness: numbers of the suite, any result element of a case, its system-out as log."""
    root = ElementTree.parse(path).getroot()
    suite = root if root.tag == "testsuite" else root.find("testsuite")
    numbers = {name: int(suite.get(name) or 0) for name in ("tests", "failures", "errors", "skipped")}
    status = "passed"
    if numbers["failures"]:
        status = "failed"
    elif numbers["errors"]:
        status = "error"
    elif numbers["skipped"] == numbers["tests"]:
        status = "skipped"
    cases = []
    for element in suite.findall("testcase"):
        result, reason = "passed", None
        for child in element:
            if child.tag in ("failure", "error", "skipped"):
                result = {"failure": "failed"}.get(child.tag, child.tag)
                reason = child.get("message")
        cases.append(Case(f"{scenario}.{element.get('name')}", result, reason, element.findtext("system-out")))
    return Suite(status, cases)


def merged_report(results, platform):
    """Twister's own twister_report.xml: one suite for the platform, a case for each case of each scenario."""
    cases = [(scenario, case) for scenario, suite in results for case in suite.cases]
    total = ElementTree.Element("testsuites")
    suite = ElementTree.SubElement(
        total, "testsuite", name=platform, time="1", tests=str(len(cases)),
        failures=str(sum(case.status == "failed" for _, case in cases)),
        errors=str(sum(case.status == "error" for _, case in cases)),
        skipped=str(sum(case.status == "skipped" for _, case in cases)))
    for scenario, case in cases:
        element = ElementTree.SubElement(
            suite, "testcase", classname=".".join(scenario.split(".")[:2]), name=case.name, time="0")
        if case.status == "skipped":
            ElementTree.SubElement(element, "skipped", type="skipped", message=case.reason)
        elif case.status == "failed":
            ElementTree.SubElement(element, "failure", type="failure", message=case.reason).text = case.log
        elif case.status == "error":
            ElementTree.SubElement(element, "error", type="failure", message=case.reason).text = case.log
    return ElementTree.tostring(total, encoding="unicode")
