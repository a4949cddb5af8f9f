public import Simulation

/// Why a fabric has given up: things happen in it without end, and nothing comes of them.
public struct Livelock: Hashable, Sendable {
  /// What goes on.
  public enum Cause: Hashable, Sendable {
    /// A link is retrained so many times in a row, and nothing that one end has sent is acknowledged.
    case retraining(link: Int, times: Int)
    /// The ends of a link have sent InitFC DLLPs so many times, and the other end does not answer.
    case initializing(link: Int, rounds: Int)
    /// Events without number at one instant.
    case standstill
    /// So many strikes of faults and findings are kept that there is no room for more.
    case flood(entries: Int)
  }

  public var cause: Cause
  public var time: VirtualTime
  /// The events that have happened since the fabric was made.
  public var events: UInt64
  /// The fault that has struck last where the cause is, or most often where it is everywhere; nil for none.
  public var rule: Int?

  /// The link that it is about; nil where it is about the whole fabric.
  public var link: Int? {
    switch cause {
    case .retraining(let link, _), .initializing(let link, _): link
    case .standstill, .flood: nil
    }
  }
}

/// What a fabric bears before it gives up, and whether it has.
struct Patience: Sendable {
  /// Why nothing happens any more.
  var livelock: Livelock?
  /// The events that have happened.
  var eventCount: UInt64 = 0
  /// When the whole was looked at last.
  var lastLook = VirtualTime.never

  /// Retrains in a row without an Ack: 100 ms at least, many times what any one fault calls for.
  ///
  /// - Source: PCI Express Base 5.0, 3.6.2.1 sets no limit to retraining upon REPLAY_NUM.
  static let retrains = 10_000
  /// So many are reason enough where memory for strikes and findings is out.
  static let retrainsAmidFlood = 100
  /// Rounds of InitFC without an answer: 340 ms.
  ///
  /// - Source: PCI Express Base 5.0, 3.4.1 sets no limit to them.
  static let initializationRounds = 10_000
  /// Strikes and findings kept, of some hundred bytes each.
  static let entries = 1 << 18
  /// Events between two looks at the whole, a power of two.
  static let eventsBetweenLooks: UInt64 = 1 << 16
}

extension Fabric {
  /// Why nothing happens any more; nil as long as there is something to come of it.
  public var livelock: Livelock? { patience.livelock }

  /// Ends all that happens, for good.
  @inline(never)
  mutating func giveUp(_ cause: Livelock.Cause) {
    guard livelock == nil else { return }
    var found = Livelock(cause: cause, time: now, events: patience.eventCount, rule: nil)
    if let link = found.link {
      found.rule = faults.strikes.last { $0.link == link }?.rule
    } else {
      found.rule = faults.armed.indices.filter { faults.armed[$0].strikes > 0 }.max {
        faults.armed[$0].strikes < faults.armed[$1].strikes
      }
    }
    patience.livelock = found
  }

  /// Sees now and then that time goes on and that memory is bounded.
  @inline(never)
  mutating func lookAtWhole() {
    if now == patience.lastLook { giveUp(.standstill) }
    patience.lastLook = now
    let entries = faults.strikes.count + findings.count
    guard entries >= Patience.entries else { return }
    // Where a link does not get on, that is what the entries are about.
    let port = ports.indices.max { ports[$0].transmitter.retrains < ports[$1].transmitter.retrains }
    if let port, ports[port].transmitter.retrains >= Patience.retrainsAmidFlood {
      giveUp(.retraining(link: port >> 1, times: ports[port].transmitter.retrains))
    } else {
      giveUp(.flood(entries: entries))
    }
  }

  /// Tells that what the fabric serves has got on, so that links without progress have time again.
  ///
  /// A case whose requests time out one after the other ends by itself.
  public mutating func renewPatience() {
    for port in ports.indices { ports[port].transmitter.forgetRetrains() }
  }

  /// Counts a retrain that a port itself has asked for, and gives up where they lead nowhere.
  mutating func countRetrain(_ port: Int) {
    directions[port].counters.retrains &+= 1
    ports[port].transmitter.countRetrain()
    let times = ports[port].transmitter.retrains
    guard times >= Patience.retrains, !isToEnd(onLink: port >> 1) else { return }
    giveUp(.retraining(link: port >> 1, times: times))
  }

  /// Whether a fault that acts on a link will end by itself, after which the link may get on.
  private func isToEnd(onLink link: Int) -> Bool {
    faults.armed.contains { state in
      (state.isWatching || state.isLasting) && state.fault.links.contains(link)
        && (state.fault.duration != nil || state.fault.times != nil)
    }
  }
}
