import Endpoints
import Transports

/// A BAR of a model that a host maps, so that neither sees what the other does there.
final class MappedBar: BarStorage {
  let bar: Int
  let descriptor: PassedDescriptor
  private let memory: PeerMemory

  /// Why there is no such BAR.
  struct Problem: Error, CustomStringConvertible {
    let description: String
  }

  /// - Throws: such as that there is no memory for it.
  init(_ bar: Int, bytes: Int) throws(Problem) {
    self.bar = bar
    do throws(SocketError) { descriptor = try PassedDescriptor.memory(bytes: bytes) } catch {
      throw Problem(description: "bar\(bar): \(error)")
    }
    do throws(VfioUserError) {
      memory = try PeerMemory(descriptor, offset: 0, bytes: bytes, isWritable: true)
    } catch { throw Problem(description: "bar\(bar): its \(bytes) bytes cannot be mapped") }
  }

  var byteCount: UInt64 { UInt64(memory.bytes) }

  func read(at offset: Int, into target: inout MutableRawSpan) { _ = memory.read(at: offset, into: &target) }

  func write(_ bytes: RawSpan, at offset: Int) { memory.write(bytes, at: offset) }
}
