public import PCIe
public import Simulation

/// One time that a fault struck.
public struct FaultStrike: Hashable, Sendable {
  public var time: VirtualTime
  /// The place of the fault among those armed.
  public var rule: Int
  /// The link it struck on, -1 for none.
  public var link: Int
  public var isDownstream: Bool
  /// The TLP as it was before, nil when there is none.
  public var header: TLPHeader?
  /// The DLLP, nil when it was none.
  public var dllp: LinkFault.DLLPKinds?
  /// The number of the match, from one.
  public var match: UInt64
  /// What was drawn or took effect; zero where there is nothing to tell.
  ///
  /// - Units: the delay or the length of the condition in picoseconds, the new value of a field, the bit of a
  ///   payload, the seed of the pieces.
  public var value: UInt64
}
