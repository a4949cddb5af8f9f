public import PCIe
public import Simulation

/// The limits that the data link layer's timers run to.
///
/// The formulas of revisions 1.0a to 3.1 are used, which later revisions still permit beside a simplified
/// REPLAY_TIMER of 24 000 to 31 000 symbol times. The limits leave out what the channel adds, so that
/// REPLAY_TIMER gets the link's latency there and back on top.
/// - Source: PCI Express Base 3.0, 3.5.2.1 tables 3-4 to 3-6 (REPLAY_TIMER), 3.5.3.1 tables 3-7 to 3-9
///   (Ack latency) and 2.6.1.2 (UpdateFC). The factors and delays agree with `get_update_factor` and
///   `get_max_update_latency` of cocotbext-pcie, `cocotbext/pcie/core/port.py`.
public struct DataLinkTimers: Hashable, Sendable {
  /// The longest that the receiver of a TLP waits with its Ack, from when it has the TLP.
  public var acknowledge: VirtualDuration
  /// REPLAY_TIMER, from the last symbol of a TLP.
  public var replay: VirtualDuration
  /// The longest between two UpdateFC DLLPs where credits have been returned.
  public var update = VirtualDuration.microseconds(30)
  /// How long a transmitter waits for the UpdateFC that it knows must come, before it trains the link anew.
  public var updateTimeout = VirtualDuration.microseconds(200)
  /// The longest between two rounds of InitFC DLLPs.
  public var initialization = VirtualDuration.microseconds(34)

  /// The limits for a link.
  public init(_ link: LinkConfiguration) {
    let symbols = Self.acknowledgeSymbols(
      speed: link.speed, width: link.width, maxPayloadBytes: link.maxPayloadBytes)
    let symbol = Self.symbolTime(link.speed)
    acknowledge = VirtualDuration(picoseconds: symbols * symbol)
    let roundTrip = VirtualDuration(picoseconds: min(link.latency.picoseconds, .max / 4) * 2)
    replay = VirtualDuration(picoseconds: 3 * symbols * symbol) + roundTrip
  }

  /// The Ack latency limit of the specification's tables.
  ///
  /// - Units: symbol times of one lane, rounded down as the tables are.
  public static func acknowledgeSymbols(speed: LinkSpeed, width: Int, maxPayloadBytes: Int) -> UInt64 {
    let tenths = UInt64(maxPayloadBytes + tlpOverheadBytes) * acknowledgeFactorTenths(width, maxPayloadBytes)
    return tenths / UInt64(10 * width) + internalDelay(speed)
  }

  /// The REPLAY_TIMER limit of the specification's tables: three times the Ack latency limit.
  ///
  /// - Units: symbol times of one lane.
  public static func replaySymbols(speed: LinkSpeed, width: Int, maxPayloadBytes: Int) -> UInt64 {
    3 * acknowledgeSymbols(speed: speed, width: width, maxPayloadBytes: maxPayloadBytes)
  }

  /// Header, prefix, digest, LCRC and framing that the formula allows for.
  private static let tlpOverheadBytes = 28

  /// AckFactor: how many TLPs of the largest size an Ack may cover, in tenths.
  private static func acknowledgeFactorTenths(_ width: Int, _ maxPayloadBytes: Int) -> UInt64 {
    switch (width, maxPayloadBytes > 256) {
    case (...4, false): 14
    case (...8, false): 25
    case (_, false): 30
    case (...8, true): 10
    case (_, true): 20
    }
  }

  /// - Units: symbol times.
  private static func internalDelay(_ speed: LinkSpeed) -> UInt64 {
    switch speed {
    case .gt2Point5: 19
    case .gt5: 70
    case .gt8, .gt16, .gt32, .gt64: 115
    }
  }

  /// The time of one byte on one lane: ten bits with 8b/10b, eight without.
  ///
  /// - Units: picoseconds.
  private static func symbolTime(_ speed: LinkSpeed) -> UInt64 {
    let bits: UInt64 = speed < .gt8 ? 10 : 8
    return bits * 1_000_000 / UInt64(speed.megatransfersPerSecond)
  }
}
