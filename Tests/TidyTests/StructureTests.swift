import Foundation
import Testing

/// The table of imports, the manifest's targets and the links of the documentation, each with its breaches.
@Suite struct StructureTests {
  static let table = ImportTable(
    markdown: """
      | module | may import |
      | --- | --- |
      | PCIe, CYaml | nothing of ours |
      | Runner | PCIe, CYaml |

      | other | table |
      | Reports | PCIe |
      """)

  @Test func readsTheTable() {
    #expect(Self.table.rows == ["PCIe": [], "CYaml": [], "Runner": ["PCIe", "CYaml"]])
  }

  @Test func refusesAnImportUpwards() {
    let findings = Self.table.rule.findings("Sources/PCIe/A.swift", "import Glibc\npublic import Runner\n")
    #expect(
      findings.map(\.description) == [
        "Sources/PCIe/A.swift:2: error: PCIe imports Runner; it may import nothing of ours"
      ])
    #expect(Self.table.rule.findings("Sources/Runner/A.swift", "import struct PCIe.TLP\n").isEmpty)
    #expect(Self.table.rule.findings("Sources/Reports/A.swift", "let a = 1\n").count == 1)
  }

  static let manifest = """
    {"targets": [
      {"name": "PCIe", "type": "regular", "dependencies": [{"byName": ["Runner", null]}]},
      {"name": "Runner", "type": "regular", "dependencies": [{"target": ["PCIe", null]}]},
      {"name": "Extra", "type": "regular", "dependencies": []},
      {"name": "PCIeTests", "type": "test", "dependencies": [{"byName": ["Runner", null]}]}
    ]}
    """

  @Test func refusesTargetsAgainstTheTable() throws {
    let manifest = try Manifest(json: Data(Self.manifest.utf8))
    #expect(
      Self.table.findings(manifest).map(\.message) == [
        "PCIe depends on Runner, against the architecture page's table",
        "target Extra is not in the architecture page's table",
      ])
  }

  @Test func refusesFilesOfNoTarget() throws {
    let manifest = try Manifest(json: Data(Self.manifest.utf8))
    let paths = [
      "Sources/PCIe/A.swift", "Sources/Lost/A.swift", "Sources/PCIe/notes.txt", "Sources/A.swift",
      "Tests/PCIeTests/data.json", "Tests/LostTests/A.swift", "Sources/PCIe/A.docc/A.md",
    ]
    #expect(
      manifest.findings(paths: paths).map(\.path) == [
        "Sources/Lost/A.swift", "Sources/PCIe/notes.txt", "Sources/A.swift", "Tests/LostTests/A.swift",
      ])
  }

  @Test func findsBrokenLinks() {
    let files = [
      "Docs/A.md": "# A\n", "Docs/B.md": "# Two words, `code`\n```\n# no heading\n```\n", "Docs/pic.png": "",
    ]
    let markdown = """
      [a](A.md) [b](B.md#two-words-code) ![p](pic.png) [w](https://example.org/x) [d](#here) <doc:A>
      `[code](nowhere.md)`
      ```
      [fenced](nowhere.md)
      ```
      # Here
      [lost](C.md) [head](B.md#no-heading) <doc:D> [up](../../../E.md)
      """
    let findings = LinkRule.findings(
      path: "Docs/Page.md", markdown: markdown, exists: { files[$0] != nil || $0 == "Docs/Page.md" },
      text: { $0 == "Docs/Page.md" ? markdown : files[$0] ?? "" })
    #expect(findings.map(\.line) == [7, 7, 7, 7])
  }

  @Test func collectsCitationsInOrder() {
    let text = """
      /// A.
      ///
      /// - Source: PCI Express Base 5.0, 2.10 "Ten".
      let a = 1
      /// - Source: PCI Express Base 5.0, 2.9.1
      ///   "Nine".
      let b = 1
      /// - Source: RFC 8259.
      let c = 1
      """
    let table = SpecificationTable([
      SourceText(path: "Sources/PCIe/A.swift", text: text),
      SourceText(path: "Sources/PCIe/B.swift", text: text),
    ])
    #expect(
      table.markdown.hasSuffix(
        """

        ## PCI Express Base 5.0

        | section | cited by |
        | --- | --- |
        | 2.9.1 "Nine" | PCIe/A, PCIe/B |
        | 2.10 "Ten" | PCIe/A, PCIe/B |

        ## RFC 8259

        | section | cited by |
        | --- | --- |
        | as a whole | PCIe/A, PCIe/B |

        """))
  }

  @Test func aRequirementIsDocumentedOnce() {
    let proto = SourceText(path: "Sources/A/P.swift", text: "public protocol P {\n  func go()\n}\n")
    let type = "extension S: P {\n  public func go() {}\n  public func stop() {}\n}\n"
    let rule = Rule.documentation(requirements: Rule.requirements(in: [proto]))
    #expect(rule.findings("Sources/A/S+P.swift", type).map(\.line) == [3])
  }
}
