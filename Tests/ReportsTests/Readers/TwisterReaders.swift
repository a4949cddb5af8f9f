/// What Twister makes of a report, as far as a user sees it.
struct TwisterResult: Equatable {
  enum Status: Equatable { case pass, fail, error, skip }

  struct Case: Equatable {
    var name: String
    var status: Status
    var reason: String?
    var log: String?
  }

  var status: Status
  var reason: String?
  var cases: [Case] = []
}

/// The rules of Twister's pytest harness (Zephyr, `pylib/twister/twisterlib/harness.py`), by ElementTree.
enum TwisterPytestReader {
  static func read(_ document: String) -> TwisterResult {
    guard let root = try? XMLElement.parse(document) else {
      return TwisterResult(status: .fail, reason: "cannot parse")
    }
    // Only the first suite within the root is read.
    guard let suite = root.children.first(where: { $0.name == "testsuite" }) else {
      return TwisterResult(status: .skip, reason: "No tests collected")
    }
    var result = TwisterResult(status: .pass)
    // The attributes are trusted, and compared as text.
    if suite.attributes["failures"] != "0" {
      result.status = .fail
    } else if suite.attributes["errors"] != "0" {
      result.status = .error
    } else if suite.attributes["skipped"] == suite.attributes["tests"] {
      result.status = .skip
    }
    guard Double(suite.attributes["time"] ?? "") != nil else {
      return TwisterResult(status: .fail, reason: "no time")
    }
    for element in suite.children where element.name == "testcase" {
      guard Double(element.attributes["time"] ?? "") != nil, let name = element.attributes["name"] else {
        return TwisterResult(status: .fail, reason: "no time or name")
      }
      var test = TwisterResult.Case(name: name, status: .pass)
      if let child = element.children.first {
        // The first child decides; what is not known is an error, so a pass may have none.
        switch child.name {
        case "skipped": test.status = .skip
        case "failure": test.status = .fail
        default: test.status = .error
        }
        test.reason = child.attributes["message"]
        test.log = child.text
      }
      result.cases.append(test)
    }
    return result
  }
}

/// The rules of Twister's ctest harness, by junitparser; `isOld` is that of the first releases.
enum TwisterCTestReader {
  static func read(_ document: String, isOld: Bool = false) -> TwisterResult {
    guard let root = try? XMLElement.parse(document) else {
      return TwisterResult(status: .fail, reason: "cannot parse")
    }
    let suites = root.name == "testsuite" ? [root] : root.children.filter { $0.name == "testsuite" }
    if isOld && root.name != "testsuite" { return TwisterResult(status: .error, reason: "no TestSuite") }
    guard let suite = suites.first else { return TwisterResult(status: .skip, reason: "No tests collected") }
    func number(_ key: String) -> Int { Int(suite.attributes[key] ?? "") ?? 0 }
    var result = TwisterResult(status: .pass)
    if number("failures") > 0 {
      result.status = .fail
    } else if number("errors") > 0 {
      result.status = .error
    } else if number("skipped") > 0 && (isOld || number("skipped") == number("tests")) {
      result.status = .skip
    }
    for element in suite.children where element.name == "testcase" {
      guard let name = element.attributes["name"] else { continue }
      var test = TwisterResult.Case(name: name, status: .pass)
      let output = element.children.first { $0.name == "system-out" }
      for child in element.children {
        switch child.name {
        case "skipped": test.status = .skip
        case "failure": test.status = .fail
        case "error": test.status = .error
        default: continue
        }
        test.reason = child.attributes["message"]
      }
      test.log = output?.text
      result.cases.append(test)
    }
    return result
  }
}

/// What GitLab keeps of a report: one case per class and name, the first one.
enum GitLabReader {
  struct Case: Equatable {
    var suite: String
    var name: String
    var file: String?
    var status: String
    var output: String?
    var attachment: String?
  }

  static func read(_ document: String) throws -> [Case] {
    let root = try XMLElement.parse(document)
    let suites = root.name == "testsuite" ? [root] : root.children
    var seen: Set<[String]> = []
    var cases: [Case] = []
    for element in suites.flatMap(\.children) where element.name == "testcase" {
      let suite = element.attributes["classname"] ?? ""
      let name = element.attributes["name"] ?? ""
      guard seen.insert([suite, name]).inserted else { continue }
      let result = element.children.first { ["failure", "error", "skipped"].contains($0.name) }
      let status = ["failure": "failed", "error": "error", "skipped": "skipped"][result?.name ?? ""]
      let output = element.children.first { $0.name == "system-out" }?.text ?? ""
      cases.append(
        Case(
          suite: suite, name: name, file: element.attributes["file"], status: status ?? "success",
          output: result?.text,
          attachment: output.firstMatch(of: /\[\[ATTACHMENT\|(.+?)\]\]/).map { String($0.1) }))
    }
    return cases
  }
}
