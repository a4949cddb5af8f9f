import PCIe
public import Simulation

/// A topology in virtual time: links, the nodes at their ends, and what happens next.
///
/// One thread owns it. All TLPs travel here: the sender queues them on a link, credits and the ordering table
/// say when each may go, the lanes are busy for as long as its bytes take, and after the latency the receiver
/// has it.
/// - Complexity: sending and delivering a TLP allocate nothing once the queues have reached their size.
public struct Fabric: ~Copyable {
  public internal(set) var now = VirtualTime.zero
  public var payloads: PayloadPool
  /// What checkers and nodes found, in order.
  public internal(set) var findings: [Finding] = []

  var queue = EventQueue<FabricEvent>()
  var directions: ContiguousArray<LinkDirection> = []
  var links: ContiguousArray<Link> = []
  var nodes: ContiguousArray<any FabricNode> = []
  /// The data link layers of both ends of each link, numbered like the directions that they send on.
  var ports: ContiguousArray<DataLinkPort> = []
  var faults = FaultEngine()
  /// What the tap of each link has written; takes nothing before `startCapture`.
  var capture = LinkCapture()
  var patience = Patience()
  var quiet = QuietTime()

  /// - Units: the largest payload that any TLP of the topology may carry, in bytes.
  public init(maxPayloadBytes: Int = 4096) {
    // Room for the payload one DW above the limit that a fault may make.
    payloads = PayloadPool(slotBytes: maxPayloadBytes < 4096 ? maxPayloadBytes + 64 : maxPayloadBytes)
  }
}

enum FabricEvent: Sendable {
  /// The oldest TLP on the wire of a direction has arrived.
  case arrival(direction: Int32, epoch: UInt32)
  /// A direction may be able to send.
  case wake(direction: Int32)
  /// A node's timer has run out.
  case timer(node: Int32, token: UInt64)
  /// A link has finished training.
  case trained(link: Int32, training: UInt64)
  /// A node ordered a link down or up.
  case order(link: Int32, change: LinkChange)
  /// Requests that a link could not carry end at its upstream port.
  case aborted(link: Int32)
  /// The time of a TLP that a fault holds back is over.
  case release(direction: Int32, ticket: UInt32)
  /// A fault is armed, or its time is over.
  case fault(rule: Int32, era: UInt16, isOver: Bool)
  /// The oldest frame on the wire of a direction has arrived.
  case frame(direction: Int32, epoch: UInt32)
  /// A timer of a port's data link layer may have run out.
  case portTimer(port: Int32)
}

// Building.
extension Fabric {
  /// Adds a node and gives its number.
  public mutating func add(_ node: any FabricNode) -> Int {
    nodes.append(node)
    return nodes.count - 1
  }

  /// Puts a node in the place of another.
  mutating func put(_ node: any FabricNode, at number: Int) {
    nodes[number] = node
    quiet.epoch &+= 1
  }

  /// Joins a port of an upstream component with one of a downstream component and gives the link's number.
  public mutating func connect(
    upstream: (node: Int, port: Int), downstream: (node: Int, port: Int), _ configuration: LinkConfiguration
  ) -> Int {
    let link = links.count
    let upper = FabricPort(link: link, isDownstream: true, node: upstream.node, number: upstream.port)
    let lower = FabricPort(link: link, isDownstream: false, node: downstream.node, number: downstream.port)
    links.append(Link(configuration: configuration, upstream: upper, downstream: lower))
    for receiver in [lower, upper] {
      let infinite = nodes[receiver.node].takesEveryCompletion
      directions.append(
        LinkDirection(
          receiver: receiver, configuration: configuration,
          credits: .advertised(for: configuration, infiniteCompletions: infinite)))
    }
    for owner in [upper, lower] { ports.append(dataLinkPort(configuration, of: owner.node)) }
    nodes[upstream.node].attach(upper, number: upstream.port, in: &self)
    nodes[downstream.node].attach(lower, number: downstream.port, in: &self)
    if configuration.layer == .dataLink { beginInitialization(link) }
    return link
  }
}

// Time.
extension Fabric {
  /// The instant of the next event, nil when nothing is to happen.
  public var nextTime: VirtualTime? { livelock == nil ? queue.nextTime : nil }

  /// Lets the next event happen; false when there is none.
  @discardableResult
  public mutating func step() -> Bool {
    guard patience.livelock == nil, let next = queue.next() else { return false }
    now = next.time
    patience.eventCount &+= 1
    if patience.eventCount & (Patience.eventsBetweenLooks - 1) == 0 { lookAtWhole() }
    switch next.event {
    case .arrival(let direction, let epoch): arrive(Int(direction), epoch)
    case .wake(let direction):
      // An earlier wake-up has taken the place of this one.
      guard directions[Int(direction)].wakeAt == now else { break }
      directions[Int(direction)].wakeAt = .never
      pump(Int(direction))
    case .timer(let node, let token): nodes[Int(node)].timerFired(token, in: &self)
    case .trained(let link, let training): finishTraining(Int(link), training)
    case .order(let link, let change): perform(change, Int(link))
    case .aborted(let link): answerAborted(Int(link))
    case .release(let direction, let ticket): release(Int(direction), ticket)
    case .fault(let rule, let era, let isOver):
      // One that is forgotten has nothing to begin or to end.
      if era == faults.era { turn(Int(rule), isOver: isOver) }
    case .frame(let direction, let epoch): arriveFrame(Int(direction), epoch)
    case .portTimer(let port): portTimerFired(Int(port))
    }
    return true
  }

  /// Lets all events up to an instant happen, and then it is that instant.
  public mutating func run(until time: VirtualTime) {
    while let next = nextTime, next <= time { step() }
    if time > now { now = time }
  }

  /// Lets events happen until none is left, or until nothing can come of them.
  public mutating func runUntilIdle() { while step() {} }

  /// Calls a node back after a length of time.
  public mutating func setTimer(after length: VirtualDuration, node: Int, token: UInt64) {
    quiet.epoch &+= 1
    queue.schedule(.timer(node: Int32(truncatingIfNeeded: node), token: token), at: now + length)
  }
}

// Looking.
extension Fabric {
  /// Links are numbered from zero in the order of connecting.
  public var linkCount: Int { links.count }
  /// What the link was set up with, or last retrained to.
  public func configuration(ofLink link: Int) -> LinkConfiguration { links[link].configuration }
  /// Whether the link carries TLPs now.
  public func state(ofLink link: Int) -> LinkState { links[link].state }
  /// The last TLPs of the link, with what became of them.
  public func history(ofLink link: Int) -> LinkHistory {
    let down = directions[link * 2].wire.history(until: now)
    let up = directions[link * 2 + 1].wire.history(until: now)
    return LinkHistory(down.parts + up.parts, total: down.total + up.total)
  }

  /// The nodes at the ends of a link, upstream component first.
  public func ends(ofLink link: Int) -> (upstream: FabricPort, downstream: FabricPort) {
    (links[link].upstream, links[link].downstream)
  }

  /// What one direction of a link has carried.
  public func counters(ofLink link: Int, downstream: Bool) -> LinkCounters {
    settled(ofLink: link, downstream: downstream).counters
  }

  /// A direction without what is certain to leave later.
  private func settled(ofLink link: Int, downstream: Bool) -> LinkDirection {
    var direction = directions[link * 2 + (downstream ? 0 : 1)]
    _ = direction.recall(after: now)
    return direction
  }

  /// The credits that the sender of a direction may still use.
  public func credits(ofLink link: Int, downstream: Bool) -> CreditPool {
    var direction = settled(ofLink: link, downstream: downstream)
    direction.absorbCredits(until: now)
    for starved in FlowControlClass.allCases where direction.hooks.contains(.starving(starved)) {
      direction.credits[starved] = CreditPool.Amount(headers: 0, data: 0)
    }
    return direction.credits
  }

  /// Records what a node or a checker found.
  public mutating func report(_ finding: Finding) {
    findings.append(finding)
    if capture.isOn { capture.comment(on: finding) }
  }

  /// Takes all findings.
  public mutating func takeFindings() -> [Finding] {
    if findings.isEmpty { return [] }
    defer { findings.removeAll() }
    return findings
  }

  /// Starts counters and histories anew, as a test does once the hierarchy is set up.
  ///
  /// Requests that nobody claimed are forgotten too: looking for functions that are not there makes them.
  public mutating func resetMeasurements() {
    for direction in directions.indices {
      recall(direction)
      directions[direction].resetMeasurements()
    }
    findings.removeAll { $0.violation == .unsupportedRequest }
  }
}
