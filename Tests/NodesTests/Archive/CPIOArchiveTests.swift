import Testing

@testable import Nodes

/// Archives against a reader of their own; cpio as a real peer reads one in the tests of the command line.
@Suite struct CPIOArchiveTests {
  @Test func anEmptyArchiveIsItsLastEntry() throws {
    let bytes = CPIOArchive().finished
    #expect(bytes.count == 124 && bytes.count % 4 == 0)
    #expect(try CPIOReader.read(bytes).isEmpty)
  }

  @Test(arguments: 0..<9) func everyLengthOfNameAndContentIsPadded(_ count: Int) throws {
    var archive = CPIOArchive()
    let name = String(repeating: "n", count: count + 1)
    let content = [UInt8](repeating: 7, count: count)
    try archive.addFile(name, content, permissions: 0o755)
    try archive.addFile("z", [1])
    #expect(
      try CPIOReader.read(archive.finished) == [
        .init(path: name, mode: 0o100_755, content: content), .init(path: "z", mode: 0o100_644, content: [1]),
      ])
  }

  @Test func foldersComeBeforeWhatIsInThemAndOnce() throws {
    var archive = CPIOArchive()
    try archive.addFile("lib/modules/uio.ko", [1, 2])
    try archive.addCharacterDevice("dev/console", major: 5, minor: 1)
    try archive.addFolder("lib/modules")
    try archive.addFolder("proc")
    #expect(
      try CPIOReader.read(archive.finished) == [
        .init(path: "lib", mode: 0o040_755), .init(path: "lib/modules", mode: 0o040_755),
        .init(path: "lib/modules/uio.ko", mode: 0o100_644, content: [1, 2]),
        .init(path: "dev", mode: 0o040_755), .init(path: "dev/console", mode: 0o020_600, device: [5, 1]),
        .init(path: "proc", mode: 0o040_755),
      ])
  }

  @Test(arguments: ["", "/init", "a//b", "a/", "../a", "a/./b", "TRAILER!!!", "a\0b"])
  func refusesPathsThatLeadElsewhere(_ path: String) {
    var archive = CPIOArchive()
    #expect(throws: CPIOError.path(path)) { try archive.addFile(path, []) }
    #expect(throws: CPIOError.path(path)) { try archive.addFolder(path) }
  }

  @Test func refusesAFileTwice() throws {
    var archive = CPIOArchive()
    try archive.addFile("init", [1])
    #expect(throws: CPIOError.twice("init")) { try archive.addFile("init", [2]) }
    #expect("\(CPIOError.twice("init"))" == "'init' is in the archive already")
  }

  @Test func sameEntriesGiveSameBytes() throws {
    func make() throws -> [UInt8] {
      var archive = CPIOArchive()
      try archive.addFile("bin/a", [1, 2, 3], permissions: 0o755)
      return archive.finished
    }
    #expect(try make() == make())
  }
}
