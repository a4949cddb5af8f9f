import LinkBroker
import Simulation
import Transports

/// Lets a fabric and the programs at its edge go on together, by the real clock.
struct OutsideLoop: ~Copyable {
  private(set) var peers: [OutsidePeer] = []
  private var watch = LinkWatch([])
  private let calls = TransportCalls()
  // This thread and one in each program, of which one is at work with it.
  private var spin = AdaptiveSpin(threads: 2)
  /// For programs behind sockets, whose answers take a wake-up and some system calls.
  private var socketSpin = AdaptiveSpin(threads: 2, nanoseconds: 100_000)

  /// The answers to programs after which somebody else gets a look, and after which the clock is read again.
  private static let (roundsMax, roundsPerTime) = (256, 8)

  /// Without a program the fabric is where the clock is.
  private var lead: VirtualDuration { peers.isEmpty ? .zero : Fabric.lead }

  mutating func add(_ peer: OutsidePeer) {
    // What has no ring stands at the end, so that numbers of the watch are numbers of peers.
    let place =
      peer.transport.watched == nil ? peers.count : peers.prefix { $0.transport.watched != nil }.count
    peers.insert(peer, at: place)
    number()
  }

  /// Whether a program has said goodbye and is not forgotten yet.
  var hasGoodbye: Bool { peers.contains { $0.transport.state == .lost(.goodbye) } }

  /// Forgets the programs that are gone, and gives them.
  mutating func takeLost() -> [OutsidePeer] {
    guard peers.contains(where: { $0.transport.state.isLost }) else { return [] }
    let lost = peers.filter { $0.transport.state.isLost }
    for peer in lost { peer.node.outbox.sink = nil }
    peers.removeAll { $0.transport.state.isLost }
    number()
    return lost
  }

  /// Lets a program hang up, whose end has been asked for.
  mutating func excuse(_ name: String, at link: Int? = nil) {
    for number in peers.indices
    where peers[number].name == name && link ?? peers[number].link == peers[number].link {
      peers[number].mayLeave = true
    }
  }

  /// Forgets the program that was at an end of a link before.
  mutating func forget(_ name: String, at link: Int) {
    for peer in peers where peer.name == name && peer.link == link { peer.node.outbox.sink = nil }
    peers.removeAll { $0.name == name && $0.link == link }
    number()
  }

  /// Gives the peers their numbers, which are their places in the list.
  private mutating func number() {
    while calls.take() != nil {}
    for (number, peer) in peers.enumerated() {
      let sink = TransportSink(peer.transport, number: number, calls)
      peer.node.outbox.sink = sink
      // What has come before.
      sink.call()
    }
    watch = LinkWatch(peers.compactMap(\.transport.watched))
  }

  /// Moves everything that can be moved now, and answers programs as long as they ask at once; false when
  /// there was nothing.
  ///
  /// It ends early when a fault wants something done or something was found, and after some rounds, lest a
  /// program that is always at work keep everybody else from being looked after.
  mutating func serve(_ fabric: inout Fabric, clock: () -> VirtualTime) -> Bool {
    var time = clock()
    var hasMoved = hear(before: time, &fabric)
    if pass(time, &fabric) { hasMoved = true }
    let before = fabric.occurrences()
    if before.signals > 0 { return true }
    for number in peers.indices where peers[number].transport.wantsTurn {
      if exchange(number, &fabric) { hasMoved = true }
    }
    if pass(time, &fabric) { hasMoved = true }
    var next = watch.look()
    guard hasMoved || next != nil else { return false }
    var last: Int?
    for round in 1...Self.roundsMax {
      guard fabric.occurrences() == before else { break }
      // Whoever asked last most likely asks next.
      if let last { peers[last].transport.prepare(for: peers[last].node, in: &fabric) }
      guard let number = next ?? watch.linger() else { break }
      (next, last) = (nil, number)
      _ = exchange(number, &fabric)
      if round % Self.roundsPerTime == 0 || fabric.isAhead(of: time) {
        time = clock()
        _ = hear(before: time, &fabric)
      }
      _ = pass(time, &fabric)
    }
    return true
  }

  /// Takes what programs have sent before something happens that is due, such as a completion timeout; false
  /// when there was nothing.
  ///
  /// Nobody is too late because this process was kept from looking.
  private func hear(before time: VirtualTime, _ fabric: inout Fabric) -> Bool {
    guard let due = fabric.nextTime, due <= time else {
      fabric.advance(to: time)
      return false
    }
    // So early that what they send still arrives before it.
    let before = due.picoseconds - min(due.picoseconds, Fabric.lead.picoseconds)
    fabric.advance(to: max(fabric.now, VirtualTime(picoseconds: before)))
    var hasMoved = false
    for number in peers.indices where exchange(number, &fabric) { hasMoved = true }
    return hasMoved
  }

  /// Lets events happen, and hands programs what has come for them by that; false when there was nothing.
  private func pass(_ time: VirtualTime, _ fabric: inout Fabric) -> Bool {
    var hasMoved = fabric.follow(clock: time, lead: lead)
    while let number = calls.take() {
      if exchange(number, &fabric) { hasMoved = true }
    }
    return hasMoved
  }

  private func exchange(_ number: Int, _ fabric: inout Fabric) -> Bool {
    peers[number].transport.exchange(with: peers[number].node, in: &fabric)
  }

  /// Waits until there is something to do, or a descriptor of somebody else is ready, or an instant has come.
  ///
  /// - Returns: whether it has slept, so that others may have news.
  mutating func wait(
    _ fabric: borrowing Fabric, for others: [TransportWait], until limit: VirtualTime,
    now: () -> VirtualTime
  ) -> Bool {
    guard watch.isEmpty || !spin.find(by: watch) else { return false }
    var readied = 0
    var ready: [CInt] = []
    defer { for peer in peers.prefix(readied) { peer.transport.wake(ready) } }
    for peer in peers {
      guard peer.transport.mayWait(with: peer.node, in: fabric) else { return false }
      readied += 1
    }
    let time = now()
    var end = limit
    if let next = fabric.nextTime {
      guard next > time + lead else { return false }
      end = min(end, next)
    }
    for peer in peers { if let deadline = peer.transport.deadline { end = min(end, deadline) } }
    guard end > time else { return false }
    let waits = peers.flatMap(\.transport.waits) + others
    func nanoseconds(from time: VirtualTime) -> UInt64? {
      end == .never ? nil : (end - time).picoseconds / 1000 + 1
    }
    if peers.contains(where: { $0.transport.watched == nil }) {
      ready = socketSpin.find(among: waits, nanoseconds: nanoseconds(from: time))
    }
    if ready.isEmpty { ready = Readiness.wait(for: waits, nanoseconds: nanoseconds(from: now())) }
    return true
  }

  /// Looks whether programs have hung up, which a ring does not tell.
  func lookForLosses() {
    for peer in peers { peer.transport.wake(peer.transport.waits.map(\.descriptor)) }
  }
}
