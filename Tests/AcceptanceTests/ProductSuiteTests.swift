import Foundation
import Testing

/// The suites that the product brings with it, run with the built program.
@Suite(.timeLimit(.minutes(5))) struct ProductSuiteTests {
  static let suites = ReadmeTests.root.appending(path: "Suites")
  static let names =
    ((try? FileManager.default.contentsOfDirectory(atPath: suites.path(percentEncoded: false))) ?? [])
    .filter { $0.hasSuffix(".yaml") && !outside.contains($0) }.sorted()
  private static let outside = nativeNames + warpPipeNames + vfioUserNames + qemuNames + zephyrNames
  /// Those with programs as nodes, whose times are not the same twice.
  static let nativeNames = [
    "native-host.yaml", "native-pair.yaml", "native-switch.yaml", "native.yaml", "pipe.yaml",
  ]

  /// Those with programs on a Warp Pipe wire.
  static let warpPipeNames = ["warp-pipe-endpoint.yaml", "warp-pipe-host.yaml", "warp-pipe.yaml"]

  /// Those with QEMU, which are run by tests of their own.
  static let qemuNames = [
    "qemu-linux.yaml", "qemu-qtest-links.yaml", "qemu-qtest-tcg.yaml", "qemu-qtest.yaml", "qemu-riscv64.yaml",
  ]

  /// Those with images of Zephyr, which `make test-zephyr` builds and runs.
  static let zephyrNames = [
    "zephyr-endpoint.yaml", "zephyr-qemu-pipe.yaml", "zephyr-qemu.yaml", "zephyr-scan.yaml", "zephyr.yaml",
  ]

  /// Those with programs that speak vfio-user.
  static let vfioUserNames = ["vfio-user.yaml"]

  private func run(_ name: String, _ arguments: String..., in folder: Folder) throws -> Program.Ending {
    let path = Self.suites.appending(path: name).path(percentEncoded: false)
    return try Program(["run", path] + arguments, in: folder).wait()
  }

  @Test func thereIsOneForEachPart() {
    let wanted = [
      "dma", "dma-endpoint", "enumeration", "faults", "faults-more", "msix", "ordering", "switch",
    ]
    for name in wanted { #expect(Self.names.contains("\(name).yaml")) }
  }

  @Test(arguments: names) func passes(name: String) throws {
    let folder = try Folder()
    let ending = try run(name, "--jobs", "2", "--require-all", "--junit", "r.xml", in: folder)
    #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending.errors)\(ending.output)")
    #expect(try folder.text("r.xml").contains("failures=\"0\" errors=\"0\" skipped=\"0\""))
  }

  @Test(arguments: names) func isTheSameWithAnyNumberOfJobs(name: String) throws {
    let folder = try Folder()
    for jobs in ["1", "2"] { _ = try run(name, "--jobs", jobs, "--events", jobs, in: folder) }
    let record = try folder.text("1")
    #expect(record.contains("\"flaky\":0"))
    #expect(try folder.text("2") == record)
  }

  @Test(arguments: names + outside)
  func opensWithItsSchemaAndSaysWhatItIsAbout(name: String) throws {
    let text = try String(contentsOf: Self.suites.appending(path: name), encoding: .utf8)
    #expect(text.hasPrefix("# yaml-language-server: $schema=suite.schema.json\nformat: 1\n"))
    let cases = try #require(text.range(of: "\ncases:\n"))
    let heads = text[cases.upperBound...].matches(of: /(?m)^  [a-z0-9-]+:\n(.*)/)
    #expect(!heads.isEmpty)
    for head in heads { #expect(head.1.hasPrefix("    about: "), "\(head.0)") }
  }
}
