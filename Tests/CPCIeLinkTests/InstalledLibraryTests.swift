import Foundation
import Testing

/// The link library as its users get it: installed by CMake, found by CMake or pkg-config.
@Suite(.timeLimit(.minutes(10))) struct InstalledLibraryTests {
  /// Installs into a prefix of its own, elsewhere than it was configured for.
  private func install(in scratch: Scratch) throws -> String {
    let build = "\(scratch.path)/build"
    let prefix = "\(scratch.path)/prefix"
    for words in [
      ["cmake", "-S", Command.library, "-B", build], ["cmake", "--build", build],
      ["cmake", "--install", build, "--prefix", prefix],
    ] {
      let outcome = try Command.run(words, in: scratch)
      try #require(outcome.status == 0, "\(outcome.text)")
    }
    return prefix
  }

  /// The program has no link, and says so.
  private func expectNoLink(_ program: String, in scratch: Scratch) throws {
    let run = try Command.run(["env", "-u", "PCIE_LINK", program], in: scratch)
    #expect(run.status == 3)
    #expect(run.text == "PCIE_LINK is not set; the runner sets it to unix:PATH#NODE\n")
  }

  @Test func isFoundByCMake() throws {
    let scratch = try Scratch()
    let prefix = try install(in: scratch)
    let source = "\(Command.programs)/Installed"
    for words in [
      ["cmake", "-S", source, "-B", "user", "-DCMAKE_PREFIX_PATH=\(prefix)"], ["cmake", "--build", "user"],
    ] {
      let outcome = try Command.run(words, in: scratch)
      try #require(outcome.status == 0, "\(outcome.text)")
    }
    try expectNoLink("user/device", in: scratch)
    try expectNoLink("user/device_in_cpp", in: scratch)
  }

  @Test func isFoundByPkgConfig() throws {
    let scratch = try Scratch()
    let prefix = try install(in: scratch)
    let folders = try FileManager.default.subpathsOfDirectory(atPath: prefix).filter {
      $0.hasSuffix("pkgconfig")
    }
    let folder = try #require(folders.first)
    let flags = try Command.run(
      ["pkg-config", "--cflags", "--libs", "pcie-link"],
      environment: ["PKG_CONFIG_PATH": "\(prefix)/\(folder)"], in: scratch)
    try #require(flags.status == 0, "\(flags.text)")
    let words = flags.text.split { $0.isWhitespace }.map(String.init)
    let build = try Command.run(
      ["gcc", "-std=c11", "\(Command.programs)/Installed/device.c", "-o", "device"] + words, in: scratch)
    #expect(build.status == 0, "\(build.text)")
    try expectNoLink("./device", in: scratch)
  }

  @Test func installsOnePublicHeader() throws {
    let scratch = try Scratch()
    let prefix = try install(in: scratch)
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(prefix)/include") == ["pcie_link.h"])
  }

  /// The programs of the page, which its readers copy.
  @Test func programsOfThePageCompile() throws {
    let page = Command.repository.appending(path: "Sources/PCIeHarness/Documentation.docc/LinkLibrary.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    let programs = text.matches(of: /(?s)```c\n(.*?)\n```/).map { String($0.1) }
    #expect(programs.count == 4)
    let scratch = try Scratch()
    for program in programs {
      let file = try scratch.write("program.c", program + "\n")
      let outcome = try Command.run(
        [
          "gcc", "-std=c11", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror",
          "-I\(Command.library)/include", "-c", file, "-o", "program.o",
        ], in: scratch)
      #expect(outcome.status == 0, "\(outcome.text)")
    }
  }

  static let dialects = ["gcc -std=c11", "gcc -std=c17", "g++ -std=c++17 -x c++", "clang -std=c11"]

  @Test("header", arguments: dialects) func headersAreClean(_ dialect: String) throws {
    let scratch = try Scratch()
    let headers = try FileManager.default.contentsOfDirectory(atPath: "\(Command.library)/include").sorted()
    #expect(headers.count == 3)
    for header in headers {
      let file = try scratch.write("file.c", "#include \"\(header)\"\nint main(void) { return 0; }\n")
      let outcome = try Command.run(
        dialect.split(separator: " ").map(String.init) + [
          "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror", "-I\(Command.library)/include", "-c", file,
          "-o", "file.o",
        ], in: scratch)
      #expect(outcome.status == 0, "\(outcome.text)")
    }
  }
}
