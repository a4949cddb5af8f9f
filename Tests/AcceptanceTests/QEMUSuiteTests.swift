import Foundation
import Testing

/// The suites with QEMU, run with the built program and the real QEMU.
@Suite(.timeLimit(.minutes(10)), .serialized) struct QEMUSuiteTests {
  private static let root = ReadmeTests.root.path(percentEncoded: false)
  private static let isProvided = FileManager.default.fileExists(atPath: root + "/.tools/complete")

  /// What the guests boot, made by the program that is tested and the compilers that have built it.
  private static let guest: Program.Ending? = {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return try? Program.shell("exec 2>&1; PATH='\(path)' make -s -C \(root) guest PROGRAM=$P", in: Folder())
  }()

  @Test(.enabled(if: isProvided, "no QEMU in .tools; call make qemu"), arguments: ProductSuiteTests.qemuNames)
  func passes(name: String) throws {
    let guest = try #require(Self.guest)
    try #require(guest.status == 0, "\(guest.output)")
    let folder = try Folder()
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/.tools", withDestinationPath: Self.root + "/.tools")
    let program = try Program(
      ["run", "\(Self.root)/Suites/\(name)", "--require-all"], in: folder, limit: .seconds(400))
    let ending = try program.wait()
    #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending.errors)\(ending.output)")
  }
}
