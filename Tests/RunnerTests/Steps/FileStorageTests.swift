import Nodes
import SuiteLanguage
import Testing

@testable import Runner

@Suite struct FileStorageTests {
  /// As a suite beside the file has them.
  private func settings(_ path: String) throws -> ModelSettings {
    let text = """
      format: 1
      suite: file
      topology:
        nodes:
          root: {model: root-complex}
          ssd: {model: nvme, nvme: {namespaces: [{file: disk}]}}
        links: {link: {upstream: root, downstream: ssd}}
      cases:
        none: {steps: [{note: {text: nothing}}]}
      """
    let folder = path.prefix(through: path.lastIndex(of: "/") ?? path.startIndex)
    let plan = try #require(SuiteLoader.load(path: folder + "suite.yaml", bytes: Array(text.utf8)).plan)
    return try #require(plan.instances.first?.topology.node("ssd")?.settings)
  }

  private func error(_ path: String) throws -> String? {
    let settings = try settings(path)
    do throws(TopologyError) { _ = try EndpointBuilder.endpoint("ssd", settings, seed: 1) } catch {
      return "\(error)"
    }
    return nil
  }

  @Test func fileKeepsWhatIsWritten() throws {
    let folder = try Folder()
    let path = folder.path + "/disk"
    try FileStore.write([UInt8](repeating: 7, count: 1500), to: path)
    let storage = FileStorage(try BlockFile(path))
    #expect(storage.byteCount == 1500)
    var bytes = [UInt8](repeating: 0, count: 1024)
    #expect(storage.read(at: 476, count: 1024, into: &bytes) && bytes.allSatisfy { $0 == 7 })
    #expect(!storage.read(at: 477, count: 1024, into: &bytes))
    #expect(
      storage.write([1, 2, 3, 4], count: 3, at: 10) && storage.clear(at: 20, count: 5) && storage.flush())
    let kept = try FileStore.read(path)
    #expect(
      kept[8..<14] == [7, 7, 1, 2, 3, 7] && kept[19..<26] == [7, 0, 0, 0, 0, 0, 7] && kept.count == 1500)
  }

  @Test func fileIsOnesOwn() throws {
    let folder = try Folder()
    let path = folder.path + "/disk"
    #expect(
      try error(path) == "node 'ssd': the file of a namespace: cannot open \(path): No such file or directory"
    )
    try FileStore.write([UInt8](repeating: 0, count: 512), to: path)
    #expect(try error(path) == nil)
    do {
      let file = try BlockFile(path)
      #expect(
        try error(path)
          == "node 'ssd': the file of a namespace: cannot lock \(path): Resource temporarily unavailable")
      #expect(file.byteCount == 512)
    }
    try FileStore.write([UInt8](repeating: 0, count: 511), to: path)
    #expect(try error(path) == "node 'ssd': 0 blocks in a namespace; allowed are 1 to \(Int.max)")
  }
}
