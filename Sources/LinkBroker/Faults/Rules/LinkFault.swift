public import Simulation

/// A fault armed on links of a fabric: what it strikes, when, and what it does then.
///
/// A fault that acts on TLPs or DLLPs strikes those that match and that its selection takes. One that makes a
/// condition (`starve`, `linkDown`, `kill`, `hang`, `completeUnasked`, `signal` without a match) begins once.
public struct LinkFault: Hashable, Sendable {
  /// One direction of a link.
  public struct Direction: Hashable, Sendable {
    public var link: Int
    /// Whether it leads away from the root complex.
    public var isDownstream: Bool

    public init(link: Int, isDownstream: Bool) {
      self.link = link
      self.isDownstream = isDownstream
    }

    /// Twice the link's number, plus one towards the root complex.
    var index: Int { link * 2 + (isDownstream ? 0 : 1) }
  }

  /// Above or below Ack and Nak.
  public enum Layer: Hashable, Sendable {
    /// What strikes here is a real loss: the data link layer has done its part.
    case transaction
    /// What strikes here ends in a replay; replays count as matches.
    case dataLink
  }

  /// The directions it watches and acts on.
  public var directions: [Direction]
  public var layer: Layer
  /// Which TLPs or DLLPs it strikes; nil for all TLPs of an action on TLPs.
  public var match: Match?
  /// Which of the matches it strikes; nil for each of them.
  public var selection: Selection?
  /// When it is armed; nil for at once.
  public var start: Start?
  /// How long it stays armed, or how long its condition lasts; nil for ever.
  public var duration: VirtualDuration?
  /// At most so many strikes.
  public var times: UInt64?
  public var action: Action
  /// Decides what is drawn, together with the number of the match and with nothing else.
  public var seed: UInt64

  /// A fault of the transaction layer on every TLP unless told otherwise.
  public init(
    _ action: Action, on directions: [Direction], layer: Layer = .transaction, match: Match? = nil,
    selection: Selection? = nil, start: Start? = nil, duration: VirtualDuration? = nil,
    times: UInt64? = nil, seed: UInt64 = 0
  ) {
    self.action = action
    self.directions = directions
    self.layer = layer
    self.match = match
    self.selection = selection
    self.start = start
    self.duration = duration
    self.times = times
    self.seed = seed
  }
}
