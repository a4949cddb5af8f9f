public import PCIe
public import Simulation

/// How much of a link is modelled.
public enum LinkLayer: Hashable, Sendable {
  /// TLPs with credits and timing; nothing below them.
  case transaction
  /// Sequence numbers, Ack and Nak, replay, and flow control by DLLPs as well.
  case dataLink
}

/// What a suite says about a link.
public struct LinkConfiguration: Hashable, Sendable {
  public var speed: LinkSpeed
  /// Lanes: 1, 2, 4, 8, 12, 16 or 32.
  public var width: Int
  /// Max_Payload_Size of both ends; 128 to 4096, a power of two.
  public var maxPayloadBytes: Int
  /// From the last byte sent to the receiver's transaction layer.
  public var latency: VirtualDuration
  /// How much of the link is modelled.
  public var layer: LinkLayer
  /// Whether the data link layer computes and checks LCRCs over the bytes; without, a verdict travels.
  public var computesLinkCRC = false

  /// A link of 1 to 32 lanes.
  public init(
    speed: LinkSpeed = .gt2Point5, width: Int = 1, maxPayloadBytes: Int = 256,
    latency: VirtualDuration = .nanoseconds(150), layer: LinkLayer = .transaction
  ) {
    precondition(width > 0 && width <= 32, "a link has 1 to 32 lanes")
    precondition(
      maxPayloadBytes >= 128 && maxPayloadBytes <= 4096 && maxPayloadBytes & (maxPayloadBytes - 1) == 0,
      "Max_Payload_Size is a power of two from 128 to 4096")
    self.speed = speed
    self.width = width
    self.maxPayloadBytes = maxPayloadBytes
    self.latency = latency
    self.layer = layer
  }
}

extension LinkConfiguration {
  /// How long the lanes are busy with a TLP of so many header, payload and digest bytes, rounded up.
  ///
  /// - Source: bytes × 8 bits ÷ (rate × width) × line code; rates and line codes as in `LinkSpeed`.
  public func serialization(tlpBytes: Int) -> VirtualDuration {
    var timing = LinkTiming(self)
    return timing.serialization(tlpBytes: tlpBytes)
  }

  /// The closed form of goodput for a stream of equal TLPs.
  ///
  /// - Units: payload bytes each second.
  /// - Source: rate × width × line code ÷ 8 × payload ÷ (framing + header + payload), the terms of
  ///   `LinkSpeed`.
  public func goodput(payloadBytes: Int, headerBytes: Int) -> Double {
    let code = speed.lineCode
    let bytesPerSecond =
      Double(speed.megatransfersPerSecond) * 1e6 * Double(width) * Double(code.carried) / Double(code.sent)
      / 8
    let total = speed.framingBytes + headerBytes + payloadBytes
    return bytesPerSecond * Double(payloadBytes) / Double(total)
  }
}
