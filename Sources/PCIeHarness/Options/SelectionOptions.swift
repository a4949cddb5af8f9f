import ArgumentParser
import Runner
import SuiteLanguage

/// The cases a command is about.
struct SelectionOptions: ParsableArguments {
  @Option(
    name: .customShort("E"),
    help: ArgumentHelp(
      "Cases in a set, such as 'tag(smoke) and not slow()'; given again it adds more.",
      valueName: "expression"))
  var expressions: [String] = []

  @Option(
    name: .customLong("case"),
    help: ArgumentHelp(
      "Cases by id, or the part behind the suite; * and ? are wild, brackets are literal.", valueName: "glob")
  )
  var caseNames: [String] = []

  @Option(name: .customLong("tag"), help: ArgumentHelp("Cases with this tag.", valueName: "tag"))
  var tags: [String] = []

  /// The set, nil for everything. Options of one kind add up, those of several kinds narrow each other.
  func set() throws -> CaseSet? {
    var parsed: [CaseSet] = []
    for expression in expressions {
      do throws(CaseSetError) {
        parsed.append(try CaseSetParser.parse(expression))
      } catch { throw Speech.fail("\(error)   [cli.expression]") }
    }
    return CaseSet.all(of: [
      CaseSet.any(of: parsed), CaseSet.any(of: caseNames.map { .named($0) }),
      CaseSet.any(of: tags.map { .tag($0) }),
    ])
  }

  /// The cases of the set, in the order of the plan.
  func select(from suites: [LoadedSuite]) throws -> [SelectedCase] {
    let set = try set()
    return suites.indices.flatMap { suite in
      let plan = suites[suite].plan
      return plan.instances.indices.compactMap { index in
        let isIn = set?.contains(plan.instances[index], suite: plan.suite.name) ?? true
        return isIn ? SelectedCase(suite: suite, instance: index) : nil
      }
    }
  }

  /// What to say when nothing was selected.
  func emptyMessage(_ suites: [LoadedSuite]) -> String {
    let ids = suites.flatMap { $0.plan.instances.map(\.id) }
    let words =
      expressions.map { "-E '\($0)'" } + caseNames.map { "--case '\($0)'" } + tags.map { "--tag '\($0)'" }
    if words.isEmpty { return "no cases in \(suites.map(\.path).joined(separator: ", "))" }
    let names =
      suites.flatMap { $0.plan.instances.map(\.caseName) } + ids
      + ids.map { String($0.drop { $0 != "." }.dropFirst()) }
    let near = caseNames.compactMap { NearName.find($0, among: names) }.first
    let hint = near.map { "; did you mean '\($0)'?" } ?? ""
    return "none of \(ids.count) cases selected by \(words.joined(separator: " "))\(hint)"
  }
}
