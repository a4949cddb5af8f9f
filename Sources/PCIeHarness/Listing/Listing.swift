import Nodes
import RunEvents
import Runner
import SuiteLanguage

/// The cases of suites in the forms that `list` knows.
struct Listing {
  let suites: [LoadedSuite]
  let cases: [SelectedCase]

  func text(_ format: List.Format) -> String {
    switch format {
    case .tree: tree
    case .names: cases.map { instance($0).id + "\n" }.joined()
    case .json: json
    case .cmake: cmake
    }
  }

  private func instance(_ place: SelectedCase) -> CaseInstance {
    suites[place.suite].plan.instances[place.instance]
  }

  /// The selected cases of a suite, those of one name together, in the order of the file.
  private func groups(of suite: Int) -> [[SelectedCase]] {
    var groups: [[SelectedCase]] = []
    for place in cases where place.suite == suite {
      if let last = groups.last?.last, instance(last).caseName == instance(place).caseName {
        groups[groups.count - 1].append(place)
      } else {
        groups.append([place])
      }
    }
    return groups
  }

  private var tree: String {
    var text = ""
    for suite in suites.indices {
      let groups = groups(of: suite)
      if groups.isEmpty { continue }
      let plan = suites[suite].plan
      let count = groups.reduce(0) { $0 + $1.count }
      text += "\(plan.suite.name)  \(suites[suite].path)  \(Self.count(count, "case"))\n"
      for group in groups { text += lines(group, suite: plan.suite.name) }
    }
    text += "\(Self.count(cases.count, "case")) in \(Self.count(Set(cases.map(\.suite)).count, "suite"))"
    let skipped = cases.count { $0.skipReason != nil }
    return text + (skipped > 0 ? ", \(skipped) would be skipped\n" : "\n")
  }

  private func lines(_ group: [SelectedCase], suite: String) -> String {
    let first = instance(group[0])
    var words: [String] = []
    let settings = first.settings
    if group.count > 1 { words.append("\(group.count) cases") }
    if settings.seedCount > 1 { words.append("\(settings.seedCount) seeds") }
    if settings.isSlow { words.append("slow") }
    if settings.isExclusive { words.append("exclusive") }
    if let known = settings.knownFailure { words.append("known failure: \(known.reason)") }
    let raised = first.raisedLinks
    if !raised.isEmpty { words.append("data-link on \(raised.joined(separator: " and "))") }
    if !first.requiresUnbuilt.isEmpty {
      words.append("cannot run: needs \(first.requiresUnbuilt.joined(separator: " and "))")
    }
    let isAlone = group.count == 1
    if isAlone, let reason = group[0].skipReason { words.append("skipped: \(reason)") }
    let name = isAlone ? String(first.id.dropFirst(suite.utf8.count + 1)) : first.caseName
    var text = "  \(name)" + (words.isEmpty ? "" : "  (\(words.joined(separator: ", ")))") + "\n"
    if isAlone { return text }
    for place in group {
      let skip = place.skipReason.map { "  (skipped: \($0))" } ?? ""
      text += "    \(instance(place).id.dropFirst(suite.utf8.count + 1))\(skip)\n"
    }
    return text
  }

  private static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }

  /// Lines for CTest, in the form that CMakeLists.txt and CTestTestfile.cmake both understand; a case that is
  /// skipped ends with 77.
  private var cmake: String {
    let tool = Self.bracketed(FileStore.realPath("/proc/self/exe") ?? "pcie-harness")
    return cases.map { place in
      let id = Self.bracketed(instance(place).id)
      let path = Self.bracketed(FileStore.realPath(suites[place.suite].path) ?? suites[place.suite].path)
      return
        "add_test(\(id) \(tool) run \(path) --case \(id) --skip-exit-code 77)\n"
        + "set_tests_properties(\(id) PROPERTIES SKIP_RETURN_CODE 77)\n"
    }.joined()
  }

  /// A bracket argument of CMake: nothing within it is read but its end.
  private static func bracketed(_ text: String) -> String {
    var fence = ""
    while text.contains("]\(fence)]") || text.hasSuffix("]\(fence)") { fence += "=" }
    return "[\(fence)[\(text)]\(fence)]"
  }
}
