import Testing

/// Each rule sees the breach it is for, and nothing in text that keeps it.
@Suite struct RuleTests {
  struct Breach: Sendable, CustomTestStringConvertible {
    let rule: Rule
    let text: String
    var path = "Sources/Endpoints/Thing.swift"
    var line = 1
    var testDescription: String { "\(rule.name): \(text.prefix(60))" }
  }

  static let breaches: [Breach] = [
    Breach(rule: .fileSize, text: String(repeating: "let a = 1\n", count: 601), line: 601),
    Breach(
      rule: .fileSize, text: String(repeating: "\n", count: 801), path: "Tests/ATests/A.swift", line: 801),
    Breach(rule: .functionSize, text: "func f() {\n" + String(repeating: "  g()\n", count: 69) + "}\n"),
    Breach(rule: .functionSize, text: "var f: Int {\n" + String(repeating: "  g()\n", count: 69) + "}\n"),
    Breach(
      rule: .functionSize, text: "struct S {\n  init(f: () -> Int = { 1 }) {\n" + lines(70) + "  }\n}\n",
      line: 2),
    Breach(
      rule: .cFunctionSize, text: "int g(void);\nint f(void) {\n" + lines(69) + "}\n",
      path: "Sources/CSystem/a.c",
      line: 2),
    Breach(rule: .lineLength, text: "let a = 1  // " + String(repeating: "é", count: 97)),
    Breach(rule: .storedProperties, text: "struct S {\n" + properties(13) + "}\n"),
    Breach(rule: .storedProperties, text: "struct S {\n" + properties(11) + "  let p, q: [Int: Int]\n}\n"),
    Breach(
      rule: .storedProperties, text: "struct S {\n" + properties(12) + "  var x: Int { didSet {} }\n}\n"),
    Breach(rule: .foundation, text: "import Foundation\n"),
    Breach(rule: .foundation, text: "\ninternal import FoundationEssentials\n", line: 2),
    Breach(rule: .printing, text: "print(1)\n"),
    Breach(rule: .printing, text: "let s = \"\\(f { print(1) })\"\n"),
    Breach(rule: .forcing, text: "let a = b!\n"),
    Breach(rule: .forcing, text: "let a = b()!.c\n"),
    Breach(rule: .forcing, text: "let a = \"\\(b[0]!)\"\n"),
    Breach(rule: .forcing, text: "var a: Int!\n"),
    Breach(rule: .forcing, text: "let a = try! f()\n"),
    Breach(rule: .forcing, text: "let a = b as! Int\n"),
    Breach(rule: .sleeping, text: "usleep(10)\n", path: "Tests/ATests/A.swift"),
    Breach(rule: .sleeping, text: "try await Task.sleep(for: .seconds(1))\n"),
    Breach(rule: .sleeping, text: "  nanosleep(&t, 0);\n", path: "Sources/CSystem/a.c"),
    Breach(rule: .clocks, text: "let a = Date()\n", path: "Sources/Runner/A.swift"),
    Breach(rule: .clocks, text: "let a = ContinuousClock.now\n"),
    Breach(rule: .threads, text: "func f() async {}\n", path: "Sources/Runner/A.swift"),
    Breach(rule: .threads, text: "  pthread_create(&t, 0, f, 0);\n", path: "Sources/CSystem/a.c"),
    Breach(rule: .portable, text: "#include <poll.h>\n#include <stdint.h>\n", path: "Twister/apps/pipe/a.c"),
    Breach(rule: .chance, text: "let a = Int.random(in: 0..<4)\n"),
    Breach(rule: .chance, text: "var h = Hasher()\n"),
    Breach(rule: .chance, text: "let a = b.shuffled()\n"),
    Breach(rule: .chance, text: "let a = b.hashValue\n"),
    Breach(rule: .unfinished, text: "let a = 1  // TO" + "DO: more\n"),
    Breach(rule: .unfinished, text: "/* a\n FIX" + "ME */\n", line: 2),
    Breach(rule: .unfinished, text: "func f() { fatal" + "Error(\"not implemented\") }\n"),
    Breach(rule: .unsafe, text: "let a = unsafe p.pointee\n"),
    Breach(rule: .unsafe, text: "nonisolated(unsafe) var a = 1\n"),
    Breach(rule: .fileName, text: "struct Other {}\n"),
    Breach(rule: .fileName, text: "// nothing\n"),
    Breach(rule: .fileName, text: "extension Other {}\n"),
    Breach(rule: .fileName, text: "extension Other {}\n", path: "Sources/PCIe/Thing+Topic.swift"),
    Breach(rule: .names, text: "struct RingManager {}\n"),
    Breach(rule: .names, text: "let isMaster = true\n"),
    Breach(rule: .names, text: "let a = 1\n", path: "Sources/PCIe/ParsingUtils.swift"),
    Breach(rule: .documentation(), text: "public struct Thing {}\n"),
    Breach(rule: .documentation(), text: "/// - Source: 2.2\npublic struct Thing {}\n", line: 2),
    Breach(rule: .documentation(), text: "public var bus: Int { 1 }\n"),
    Breach(rule: .documentation(), text: "public static func f() {}\n"),
    Breach(rule: .documentation(), text: "// not a doc comment\n@frozen\npublic struct Thing {}\n", line: 3),
    Breach(rule: .documentation(), text: "extension S {\n  public init() {\n    start()\n  }\n}\n", line: 2),
    Breach(rule: .documentation(), text: "/// - Source: 2.2\npublic func a() {}\n", line: 2),
    Breach(
      rule: .documentation(), text: "/// " + String(repeating: "word ", count: 31) + "\npublic let a = 1\n",
      line: 2),
    Breach(rule: .standsAlone, text: "// see ../sha" + "red/a.md\n"),
    Breach(rule: .standsAlone, text: "built in /wo" + "rk/main\n", path: "README.md"),
    Breach(rule: .whitespace, text: "let a = 1 \n"),
    Breach(rule: .whitespace, text: "\tlet a = 1\n"),
    Breach(rule: .whitespace, text: "let a = 1"),
  ]

  @Test("breach", arguments: breaches) func isFound(_ breach: Breach) {
    let findings = breach.rule.findings(breach.path, breach.text)
    #expect(findings.count == 1)
    #expect(findings.first?.line == breach.line)
    #expect(findings.first?.description.hasPrefix("\(breach.path):\(breach.line): error: ") == true)
  }

  /// Text that a careless rule would complain about.
  static let kept: [Breach] = [
    Breach(rule: .fileSize, text: "// tidy: table\n" + String(repeating: "let a = 1\n", count: 700)),
    Breach(rule: .functionSize, text: "func f() {\n" + String(repeating: "  g()\n", count: 68) + "}\n"),
    Breach(rule: .functionSize, text: "protocol P {\n  func f()\n}\nstruct S {\n" + lines(80) + "}\n"),
    Breach(rule: .cFunctionSize, text: "int f(void) {\n" + lines(68) + "}\n", path: "Sources/CSystem/a.c"),
    Breach(rule: .lineLength, text: "let a = \"\"\"\n" + String(repeating: "x", count: 200) + "\n\"\"\"\n"),
    Breach(
      rule: .storedProperties,
      text: "struct S {\n" + properties(12) + "  static let x = 1\n  var y: Int { 1 }\n}\n"),
    Breach(rule: .storedProperties, text: "enum E {\n" + String(repeating: "  case a\n", count: 20) + "}\n"),
    Breach(
      rule: .lineLength, text: "let a = [\n  \"" + String(repeating: "x", count: 200) + "\",\n]\n",
      path: "Tests/ATests/A.swift"),
    Breach(rule: .foundation, text: "import Foundation\n", path: "Sources/PCIeHarness/A.swift"),
    Breach(rule: .printing, text: "let text = \"print(1)\"  // print(1)\n"),
    Breach(rule: .printing, text: "func print(_ a: Int) {}\nsink.print(1)\n"),
    Breach(rule: .forcing, text: "if a != b && !c, let d = \"no!\" { return !e }\n#if !DEBUG\n#endif\n"),
    Breach(rule: .forcing, text: "let a = #\"\"b!\"#\n/* /* a! */ b! */\n"),
    Breach(rule: .sleeping, text: "case sleep(Int)\n"),
    Breach(rule: .clocks, text: "let a = ContinuousClock.now\n", path: "Sources/Runner/A.swift"),
    Breach(rule: .chance, text: "case .random(let count): draw(count)\n"),
    Breach(rule: .chance, text: "let a = Int.random(in: 0..<4)\n", path: "Sources/Simulation/A.swift"),
    Breach(rule: .portable, text: "#include <string.h>\n#include \"a.h\"\n", path: "Twister/apps/pipe/a.c"),
    Breach(rule: .portable, text: "#include <poll.h>\n", path: "Twister/apps/platform/a.c"),
    Breach(rule: .unfinished, text: "let template = \"a.XX" + "XXXX\"\n"),
    Breach(rule: .unsafe, text: "let a = unsafe p.pointee\n", path: "Sources/Transports/Ring.swift"),
    Breach(rule: .fileName, text: "public struct Thing {}\nprivate struct Part {}\n"),
    Breach(rule: .fileName, text: "extension Thing: Sendable {}\n", path: "Sources/PCIe/Thing+Topic.swift"),
    Breach(rule: .fileName, text: "extension A {}\nextension B {}\n", path: "Sources/PCIe/Drawing.swift"),
    Breach(rule: .fileName, text: "public func draw() {}\n", path: "Sources/PCIe/Drawing.swift"),
    Breach(rule: .names, text: "let busMasterEnable = \"packet manager\"\n"),
    Breach(rule: .documentation(), text: "/// A thing.\n// why\n@frozen\npublic struct Thing {}\n"),
    Breach(
      rule: .documentation(),
      text: "extension S {\n  public init(a: Int, b: Int) {\n    self.a = a\n    self.b = b\n  }\n}\n"),
    Breach(rule: .documentation(), text: "extension S {\n  public init(a: Int) { self.a = a }\n}\n"),
    Breach(rule: .documentation(), text: "extension S {\n  public init() {}\n}\n"),
    Breach(rule: .documentation(), text: "public import PCIe\nstruct S {}\n"),
    Breach(rule: .documentation(), text: "/// A.\npublic struct Thing {\n  public let bus: UInt8\n}\n"),
    Breach(rule: .documentation(), text: "public var description: String { \"\" }\n"),
    Breach(rule: .whitespace, text: "all:\n\ttrue\n", path: "Makefile"),
  ]

  @Test("kept", arguments: kept) func isNotFound(_ text: Breach) {
    #expect(text.rule.findings(text.path, text.text).map(\.description) == [])
  }

  private static func lines(_ count: Int) -> String { String(repeating: "    g()\n", count: count) }
  private static func properties(_ count: Int) -> String {
    (0..<count).map { "  let a\($0): Int\n" }.joined()
  }
}
