import Endpoints
import Nodes

/// Blocks of a namespace in a file.
final class FileStorage: NamespaceStorage {
  private let file: BlockFile

  init(_ file: consuming BlockFile) { self.file = file }

  var byteCount: UInt64 { file.byteCount }
  func read(at offset: UInt64, count: Int, into target: inout [UInt8]) -> Bool {
    file.read(at: offset, count: count, into: &target)
  }
  func write(_ bytes: [UInt8], count: Int, at offset: UInt64) -> Bool {
    file.write(bytes, count: count, at: offset)
  }
  func clear(at offset: UInt64, count: UInt64) -> Bool { file.clear(at: offset, count: count) }
  func flush() -> Bool { file.flush() }
}
