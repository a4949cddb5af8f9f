import SuiteLanguage
import Testing

@testable import Runner

@Suite struct SelectionTests {
  @Test(arguments: [
    ("a", "a", true), ("a", "ab", false), ("a*", "ab", true), ("*b", "ab", true), ("a*c*e", "abcde", true),
    ("a*c*e", "abcd", false), ("a?c", "abc", true), ("a?c", "aäc", true), ("a?c", "ac", false),
    ("*", "", true), ("", "", true), ("?", "", false), ("x[a=1]", "x[a=1]", true), ("x[a=1]", "xa", false),
    ("*[length=4B,*]", "w[length=4B,offset=0x0]", true), ("**a", "bba", true),
    ("a*a*a*a*b", "aaaaaaaaaa", false),
  ])
  func globs(_ pattern: String, _ text: String, _ matches: Bool) {
    #expect(Glob(pattern).matches(text) == matches)
  }

  private static func plan() throws -> Plan {
    try Fixture.plan(
      "one: {tags: [smoke], …}", "two: {tags: [fault, deep], slow: true, matrix: {k: [1, 2]}, …}",
      "three: {faults: [{drop: {link: l0, tlp: CplD, nth: 1}}], allow: [completion-timeout], …}")
  }

  @Test(arguments: [
    ("case(one)", ["s.one"]), ("case(s.one)", ["s.one"]), ("case(two)", ["s.two[k=1]", "s.two[k=2]"]),
    ("case(two[k=2])", ["s.two[k=2]"]), ("case(t*)", ["s.two[k=1]", "s.two[k=2]", "s.three"]),
    ("case(tw)", []), ("slow()", ["s.two[k=1]", "s.two[k=2]"]), ("tag(smoke)", ["s.one"]),
    ("fault(cpl.timeout)", ["s.three"]), ("fault(cpl.*)", ["s.three"]), ("fault(drop)", []),
    ("suite(s) and not slow()", ["s.one", "s.three"]), ("suite(t)", []),
    ("model(memory-*) & !(tag(smoke) | slow())", ["s.three"]), ("board(*)", []),
    ("tag(smoke) or slow() and case(*k=2*)", ["s.one", "s.two[k=2]"]), (" not  not case( one ) ", ["s.one"]),
  ])
  func expressions(_ text: String, _ ids: [String]) throws {
    let set = try CaseSetParser.parse(text)
    #expect(try Self.plan().instances.filter { set.contains($0, suite: "s") }.map(\.id) == ids)
  }

  @Test(arguments: [
    ("", "expected a predicate such as case(…), 'not' or '(', got the end", 1),
    ("cas(x)", "unknown predicate 'cas'; did you mean 'case'?", 1),
    (
      "zzzzzz(x)", "unknown predicate 'zzzzzz'; known: suite() case() tag() board() model() fault() slow()", 1
    ),
    ("case(x", "expected ')', got the end", 7), ("case", "expected '(' behind case, got the end", 5),
    ("case()", "case() wants a name, in which * and ? stand for any text", 7),
    ("slow(x)", "slow() takes nothing, got 'x'", 8),
    ("slow() slow()", "expected 'and', 'or' or the end, got 's'", 8),
    ("(slow()", "expected ')', got the end", 8),
    ("slow() and", "expected a predicate such as case(…), 'not' or '(', got the end", 11),
    ("failed()", "failed() needs records of earlier runs, which this version cannot read", 1),
    (
      String(repeating: "!", count: 70) + "slow()", "more than 64 levels of 'not' and parentheses", 65
    ),
  ])
  func wrongExpressions(_ text: String, _ message: String, _ column: Int) {
    let error = #expect(throws: CaseSetError.self) { try CaseSetParser.parse(text) }
    #expect(error?.description == "\(message)   (column \(column) of -E '\(text)')")
  }

  @Test func setsOfOneKindAddUpAndKindsNarrow() {
    #expect(CaseSet.any(of: []) == nil)
    #expect(CaseSet.any(of: [.slow, .tag("a")]) == .either(.slow, .tag("a")))
    #expect(CaseSet.all(of: [nil, .slow, .tag("a")]) == .both(.slow, .tag("a")))
  }

  @Test(arguments: [("cas", "case"), ("crash", nil), ("", nil), ("slowe", "slow")])
  func nearNames(_ name: String, _ near: String?) {
    #expect(NearName.find(name, among: CaseSet.predicates) == near)
  }
}
