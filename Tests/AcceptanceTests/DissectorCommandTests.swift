import Foundation
import Testing

/// The command that hands out the Wireshark dissector.
@Suite(.timeLimit(.minutes(5))) struct DissectorCommandTests {
  static let source = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Sources/PCIeHarness/Dissector/pcie.lua").standardizedFileURL

  private func text() throws -> String { try String(contentsOf: Self.source, encoding: .utf8) }

  @Test func printsTheFileOfTheRepository() throws {
    let ending = try Program.run("dissector", "--print", in: Folder())
    #expect(ending.status == 0 && ending.errors.isEmpty)
    #expect(ending.output == (try text()))
  }

  @Test func putsItBelowHomeAndPrintsThePath() throws {
    let folder = try Folder()
    let ending = try Program.run("dissector", in: folder, environment: ["HOME": folder.path])
    let path = folder.path + "/.local/share/pcie-harness/pcie.lua"
    #expect(ending.status == 0 && ending.errors.isEmpty)
    #expect(ending.output == path + "\n")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == text())
  }

  @Test func prefersTheFolderForData() throws {
    let folder = try Folder()
    let data = folder.path + "/data"
    let absolute = try Program.run(
      "dissector", in: folder, environment: ["HOME": "/nowhere", "XDG_DATA_HOME": data])
    #expect(absolute.output == data + "/pcie-harness/pcie.lua\n")
    #expect(try folder.text("data/pcie-harness/pcie.lua") == text())
    let relative = try Program.run(
      "dissector", in: folder, environment: ["HOME": folder.path, "XDG_DATA_HOME": "data"])
    #expect(relative.output == folder.path + "/.local/share/pcie-harness/pcie.lua\n")
  }

  @Test func leavesTheSameTextAloneAndReplacesAnother() throws {
    let folder = try Folder()
    let place = ["XDG_DATA_HOME": folder.path]
    let path = try Program.run("dissector", in: folder, environment: place).output.dropLast()
    let long = Date(timeIntervalSince1970: 1_000_000_000)
    func date() throws -> Date? {
      try FileManager.default.attributesOfItem(atPath: String(path))[.modificationDate] as? Date
    }
    try FileManager.default.setAttributes([.modificationDate: long], ofItemAtPath: String(path))
    #expect(try Program.run("dissector", in: folder, environment: place).status == 0)
    #expect(try date() == long)
    try folder.write("pcie-harness/pcie.lua", "-- an older one\n")
    #expect(try Program.run("dissector", in: folder, environment: place).status == 0)
    #expect(try folder.text("pcie-harness/pcie.lua") == text())
  }

  @Test func saysWhyThereIsNoPlace() throws {
    let homeless = try Program.run("dissector", in: Folder())
    #expect(homeless.status == 64 && homeless.output.isEmpty)
    #expect(
      homeless.errors == """
        error: HOME is not set, so there is no place for the dissector; set HOME or XDG_DATA_HOME, or use \
        --print   [cli.no-home]

        """)
    let folder = try Folder()
    let file = try folder.write("file")
    let blocked = try Program.run("dissector", in: folder, environment: ["XDG_DATA_HOME": file])
    #expect(blocked.status == 70 && blocked.output.isEmpty)
    #expect(
      blocked.errors == """
        error: cannot make folder \(file)/pcie-harness: Not a directory; set XDG_DATA_HOME to a folder that \
        can be written, or use --print   [cli.unwritable]

        """)
  }

  @Test func helpTellsHowToStartWireshark() throws {
    let ending = try Program.run("dissector", "--help", in: Folder())
    #expect(ending.output.contains("wireshark -X lua_script:$(pcie-harness dissector) file.pcapng\n"))
  }
}
