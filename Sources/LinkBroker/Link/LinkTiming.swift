import PCIe
import Simulation

/// A link's configuration in the form that sending a TLP needs.
struct LinkTiming: Sendable {
  let framingBytes: UInt64
  /// Picoseconds for one byte as a fraction.
  let numerator: UInt64
  let denominator: UInt64
  let latency: VirtualDuration
  let maxPayloadBytes: Int
  /// The size asked for last and its time: most TLPs have the size of the one before, and a division is slow.
  private var lastBytes = -1
  private var lastLength = VirtualDuration.zero

  init(_ configuration: LinkConfiguration) {
    let code = configuration.speed.lineCode
    framingBytes = UInt64(configuration.speed.framingBytes)
    numerator = 8 * 1_000_000 * code.sent
    denominator =
      UInt64(configuration.speed.megatransfersPerSecond) * UInt64(configuration.width) * code.carried
    latency = configuration.latency
    maxPayloadBytes = configuration.maxPayloadBytes
  }

  /// How long the lanes are busy with a TLP, rounded up.
  @inline(__always)
  mutating func serialization(tlpBytes: Int) -> VirtualDuration {
    if tlpBytes == lastBytes { return lastLength }
    let sent = (UInt64(tlpBytes) + framingBytes) * numerator
    lastBytes = tlpBytes
    lastLength = VirtualDuration(picoseconds: (sent + denominator - 1) / denominator)
    return lastLength
  }
}
