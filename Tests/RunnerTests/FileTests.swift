import Foundation
import Nodes
import Testing

@testable import Runner

@Suite struct FileTests {
  @Test func writesWholeFilesThroughMissingFoldersAndLeavesNothingElse() throws {
    let folder = try Folder()
    try FileStore.write(Array("one".utf8), to: "\(folder.path)/a/b/x.xml")
    try FileStore.write(Array("two".utf8), to: "\(folder.path)/a/b/x.xml")
    #expect(try folder.text("a/b/x.xml") == "two")
    #expect(try folder.names("a/b") == ["x.xml"])
  }

  @Test func aSymbolicLinkStaysOne() throws {
    let folder = try Folder()
    let file = try folder.write("real.xml", "old")
    let link = "\(folder.path)/link.xml"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
    try FileStore.write(Array("new".utf8), to: link)
    #expect(try folder.text("real.xml") == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == file)
  }

  @Test func tellsAFullDisk() {
    let error = #expect(throws: SystemError.self) { try FileStore.write([1], to: "/dev/full") }
    #expect(error?.description == "cannot write /dev/full: No space left on device")
    #expect(FileStore.kind("/dev/full") == .special)
  }

  @Test func tellsAPathThroughAFile() throws {
    let folder = try Folder()
    try folder.write("file")
    let error = #expect(throws: SystemError.self) {
      try FileStore.write([1], to: "\(folder.path)/file/x.xml")
    }
    #expect(error?.reason == "File exists" || error?.reason == "Not a directory")
  }

  @Test func newFoldersNeverMeet() throws {
    let folder = try Folder()
    let names = try (1...3).map { _ in try FileStore.makeNewFolder("\(folder.path)/runs/7f3a") }
    #expect(names == ["", "-2", "-3"].map { "\(folder.path)/runs/7f3a\($0)" })
  }

  @Test func missingFilesSaySo() {
    let error = #expect(throws: SystemError.self) { try FileStore.read("/nowhere/x") }
    #expect(
      error?.isAbsent == true && error?.description == "cannot read /nowhere/x: No such file or directory")
    #expect(throws: SystemError.self) { try FileStore.entries("/nowhere") }
  }

  @Test func findsSuitesWhateverTheCase() throws {
    let folder = try Folder()
    for name in ["Suites/dma.yaml", "Suites/b.yml", "Suites/.hidden.yaml", "Suites/notes.md"] {
      try folder.write(name)
    }
    try folder.write("Suites/deep/c.yaml")
    let real = "\(folder.path)/Suites/dma.yaml"
    #expect(try SuiteFinder.suites(at: real) == [.init(path: real, note: nil)])
    let typed = "\(folder.path)/suites/DMA.yaml"
    #expect(try SuiteFinder.suites(at: typed) == [.init(path: real, note: "no \(typed); using \(real)")])
    let all = try SuiteFinder.suites(at: "\(folder.path)/Suites/")
    #expect(all.map(\.path) == ["b.yml", "dma.yaml"].map { "\(folder.path)/Suites/\($0)" })
  }

  @Test func namesTheNearestSuite() throws {
    let folder = try Folder()
    try folder.write("Suites/dma.yaml")
    for wrong in ["Suites/dna.yaml", "suites/dna.yaml", "Suites/dma.yml", "Suites/dma"] {
      let error = #expect(throws: FindError.self) { try SuiteFinder.suites(at: "\(folder.path)/\(wrong)") }
      #expect(
        error == .noSuchSuite(path: "\(folder.path)/\(wrong)", nearest: "\(folder.path)/Suites/dma.yaml"))
    }
  }

  @Test func refusesToGuessBetweenSeveral() throws {
    let folder = try Folder()
    try folder.write("A/x.yaml")
    try folder.write("a/X.yaml")
    let error = #expect(throws: FindError.self) { try SuiteFinder.suites(at: "\(folder.path)/A/X.YAML") }
    #expect(
      error
        == .severalMatch(
          path: "\(folder.path)/A/X.YAML", ["\(folder.path)/A/x.yaml", "\(folder.path)/a/X.yaml"]))
  }

  @Test func tellsAFolderWithoutSuitesAndAnEmptyPath() throws {
    let folder = try Folder()
    try folder.write("below/a.yaml")
    #expect(throws: FindError.noSuites(folder: folder.path, below: ["\(folder.path)/below"])) {
      try SuiteFinder.suites(at: folder.path)
    }
    #expect(throws: FindError.emptyPath) { try SuiteFinder.suites(at: "") }
  }
}
