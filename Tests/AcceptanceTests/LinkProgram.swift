import Foundation
import Testing

/// The C programs of the suites and of these tests, built against the link library.
enum LinkProgram {

  /// Built once for all tests; what is up to date stays.
  private static let built: Program.Ending? = {
    let root = ReadmeTests.root.path(percentEncoded: false)
    return try? Program.shell(
      "exec 2>&1; make -s -C \(root)/Twister/apps OUT=\(output) CFLAGS='-O1 -g -Werror' all extras",
      in: Folder())
  }()

  private static let output = ReadmeTests.root.appending(path: ".build/programs").path(percentEncoded: false)

  /// The path of a program.
  static func path(_ name: String) throws -> String {
    let ending = try #require(built)
    try #require(ending.status == 0, "\(ending.output)")
    return "\(output)/\(name)"
  }

  /// Puts a program into a folder.
  static func place(_ name: String, in folder: Folder) throws {
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/\(name)", withDestinationPath: path(name))
  }
}
