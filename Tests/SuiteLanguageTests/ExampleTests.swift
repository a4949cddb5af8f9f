import Testing

@testable import SuiteLanguage

struct ExampleTests {
  @Test(arguments: [("dma", 8, 21), ("pipe", 5, 10), ("amu", 5, 7), ("fabric", 1, 9), ("faults", 1, 1)])
  func loads(name: String, cases: Int, instances: Int) throws {
    let text = try Example.text(name)
    #expect(Example.messages(text) == "")
    let plan = try #require(Example.load(text).plan)
    #expect(plan.suite.name == name)
    #expect(plan.suite.cases.count == cases)
    #expect(plan.instances.count == instances)
    #expect(Set(plan.instances.map(\.id)).count == instances)
  }
}
