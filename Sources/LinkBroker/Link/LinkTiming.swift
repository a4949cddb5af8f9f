import PCIe
import Simulation

/// A link's configuration in the form that sending a TLP needs.
struct LinkTiming: Sendable {
  let framingBytes: UInt64
  /// Picoseconds for one byte as a fraction.
  let numerator: UInt64
  let denominator: UInt64
  let latency: VirtualDuration

  init(_ configuration: LinkConfiguration) {
    let code = configuration.speed.lineCode
    framingBytes = UInt64(configuration.speed.framingBytes)
    numerator = 8 * 1_000_000 * code.sent
    denominator =
      UInt64(configuration.speed.megatransfersPerSecond) * UInt64(configuration.width) * code.carried
    latency = configuration.latency
  }

  /// How long the lanes are busy with a TLP, rounded up.
  func serialization(tlpBytes: Int) -> VirtualDuration {
    let sent = (UInt64(tlpBytes) + framingBytes) * numerator
    return VirtualDuration(picoseconds: (sent + denominator - 1) / denominator)
  }
}
