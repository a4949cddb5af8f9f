import Foundation
import Testing

/// Builds C programs against the link library.
enum LinkProgram {
  static func build(_ name: String, in folder: Folder) throws {
    let root = ReadmeTests.root.path(percentEncoded: false)
    let library = "\(root)/Sources/CPCIeLink"
    let ending = try Program.shell(
      "gcc -std=c11 -Wall -Wextra -Werror -I \(library)/include"
        + " \(root)/Tests/AcceptanceTests/Programs/\(name).c \(library)/*.c -o \(name)", in: folder)
    try #require(ending.status == 0, "\(ending.errors)")
  }
}
