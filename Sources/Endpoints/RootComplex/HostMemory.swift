import LinkBroker
import PCIe

/// The memory behind a root complex, from bus address 0 up.
public struct HostMemory: Sendable {
  /// All bytes; software on the host reads and writes them without a TLP.
  public var bytes: [UInt8]

  /// Memory of zeros.
  public init(byteCount: Int) { bytes = [UInt8](repeating: 0, count: byteCount) }

  public var byteCount: Int { bytes.count }

  /// Whether all of a range lies inside.
  public func contains(_ address: UInt64, count: Int) -> Bool {
    address <= UInt64(bytes.count) && UInt64(count) <= UInt64(bytes.count) - address
  }

  /// Performs a memory write request whose DWs lie inside.
  mutating func write(_ tlp: FabricTLP, in fabric: inout Fabric) {
    let header = tlp.header
    if header.enablesEveryByte {
      let start = Int(truncatingIfNeeded: header.address)
      return fabric.payloads.read(tlp.payload, count: Int(tlp.payload.bytes), to: &bytes, at: start)
    }
    let lead = header.leadBytes
    let start = Int(truncatingIfNeeded: header.address) + lead
    guard header.firstByteEnable != 0 else { return }
    if header.enablesEveryByteBetween {
      fabric.payloads.read(tlp.payload, from: lead, count: header.requestedBytes, to: &bytes, at: start)
      return
    }
    let base = Int(truncatingIfNeeded: header.address)
    for offset in 0..<Int(tlp.payload.bytes) where header.enablesByte(at: offset) {
      bytes[base + offset] = fabric.payloads.byte(tlp.payload, at: offset)
    }
  }
}

extension TLPHeader {
  /// Whether the enabled bytes of a write are one run without a gap.
  var enablesEveryByteBetween: Bool {
    let first = firstByteEnable
    let last = lastByteEnable
    if last == 0 {
      let run = first >> UInt8(first.trailingZeroBitCount)
      return run & (run &+ 1) == 0
    }
    let upper = first | UInt8(truncatingIfNeeded: (1 << first.trailingZeroBitCount) - 1)
    return upper == 0xf && last & (last &+ 1) == 0
  }

  /// Whether a write changes the byte at an offset of its payload.
  func enablesByte(at offset: Int) -> Bool {
    if offset < 4 { return firstByteEnable & 1 << UInt8(offset) != 0 }
    if offset >= lengthDW * 4 - 4 { return lastByteEnable & 1 << UInt8(offset & 3) != 0 }
    return true
  }
}
