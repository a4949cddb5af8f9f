import LinkBroker
import PCIe

/// Host memory that devices outside map too, behind that of the host alone.
///
/// What a device does there by its map is no TLP.
struct SharedHostMemory {
  /// The bus address of its first byte.
  let base: UInt64
  let storage: any BarStorage

  /// Whether all of a range lies inside.
  func contains(_ address: UInt64, count: Int) -> Bool {
    address >= base && address - base <= storage.byteCount
      && UInt64(count) <= storage.byteCount - (address - base)
  }

  func read(_ address: UInt64, count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    bytes.withMutableRawSpan { storage.read(at: Int(address - base), into: &$0) }
    return bytes
  }

  func write(_ bytes: [UInt8], at address: UInt64) { storage.write(bytes.rawSpan, at: Int(address - base)) }

  /// Performs a memory write request whose DWs lie inside.
  func write(_ tlp: FabricTLP, in fabric: inout Fabric) {
    let bytes = fabric.payloads.copy(tlp.payload)
    for run in ByteRuns(tlp.header) {
      write(Array(bytes[run]), at: tlp.header.address &+ UInt64(run.lowerBound))
    }
  }
}
