public import PCIe
import Simulation

extension Fabric {
  /// Takes a link down: what it carries is lost, and requests from above end as unsupported requests.
  ///
  /// - Source: PCI Express Base 5.0, 2.9.1 "Transaction Layer Behavior in DL_Down Status".
  public mutating func takeDown(link: Int, _ change: LinkChange) {
    precondition(change != .up, "a link is brought up by bringUp")
    guard links[link].state != .down else { return }
    setState(.down, ofLink: link)
    // Reads that took the short way have been answered.
    releaseKeptTags(ofLink: link)
    if links[link].configuration.layer == .dataLink { emptyPorts(link) }
    for direction in [link * 2, link * 2 + 1] { empty(direction) }
    for request in directions[link * 2].outstanding.sorted() {
      var header = TLPHeader(dw0: 0)
      header.requesterID = request.requester
      header.tag = request.tag
      abort(header, link)
    }
    for direction in [link * 2, link * 2 + 1] { directions[direction].outstanding.removeAll() }
    let (upstream, downstream) = (links[link].upstream, links[link].downstream)
    nodes[downstream.node].linkChanged(change, at: downstream.number, in: &self)
    nodes[upstream.node].linkChanged(change, at: upstream.number, in: &self)
  }

  private mutating func setState(_ state: LinkState, ofLink link: Int) {
    links[link].state = state
    quiet.epoch &+= 1
    for direction in [link * 2, link * 2 + 1] { directions[direction].hooks.set(.closed, to: state != .up) }
  }

  /// Takes a link down or up as the next thing that happens, for nodes, which are told of it in their turn.
  public mutating func order(_ change: LinkChange, link: Int) {
    queue.schedule(.order(link: Int32(truncatingIfNeeded: link), change: change), at: now)
  }

  mutating func perform(_ change: LinkChange, _ link: Int) {
    if change == .up { bringUp(link: link) } else { takeDown(link: link, change) }
  }

  /// Starts training; the link is up when it is done.
  public mutating func bringUp(link: Int) {
    guard links[link].state == .down, !links[link].isSevered, links[link].containment == nil
    else { return }
    setState(.training, ofLink: link)
    links[link].trainings += 1
    queue.schedule(
      .trained(link: Int32(truncatingIfNeeded: link), training: links[link].trainings),
      at: now + Link.trainingTime)
  }

  mutating func finishTraining(_ link: Int, _ training: UInt64) {
    guard links[link].state == .training, links[link].trainings == training else { return }
    if links[link].configuration.layer == .dataLink { return beginInitialization(link) }
    showUp(link)
  }

  /// The link carries TLPs now, and its nodes learn of it.
  mutating func showUp(_ link: Int) {
    setState(.up, ofLink: link)
    for port in [links[link].downstream, links[link].upstream] {
      nodes[port.node].linkChanged(.up, at: port.number, in: &self)
    }
  }

  /// Changes speed or width from the next TLP on, as a retrained link does.
  ///
  /// How much of the link is modelled stays as it was.
  public mutating func retrain(link: Int, _ configuration: LinkConfiguration) {
    let layer = links[link].configuration.layer
    links[link].configuration = configuration
    links[link].configuration.layer = layer
    for direction in [link * 2, link * 2 + 1] {
      recall(direction)
      directions[direction].timing = LinkTiming(configuration)
      ports[direction].adopt(configuration)
    }
    guard links[link].state == .up else { return }
    if layer == .dataLink { enterRecovery(link: link) }
    for port in [links[link].downstream, links[link].upstream] {
      nodes[port.node].linkChanged(.up, at: port.number, in: &self)
    }
  }

  /// A requester gave up on a request, so that its tag may come again on every link.
  public mutating func abandon(_ requester: FunctionAddress, tag: UInt16) {
    for direction in directions.indices {
      recall(direction)
      directions[direction].outstanding.remove(requester, tag)
    }
  }

  /// Discards what waits and what is on the wire, and starts flow control anew.
  private mutating func empty(_ direction: Int) {
    let receiver = directions[direction].receiver
    _ = directions[direction].recall(after: now)
    while !directions[direction].wire.isEmpty {
      discard(directions[direction].takeArrival(), direction, isQueued: false)
    }
    while let tlp = directions[direction].queues.takeAny() { discard(tlp, direction, isQueued: true) }
    discardHeld(direction)
    directions[direction].wire.epoch &+= 1
    directions[direction].busyUntil = now
    directions[direction].returns.removeAll()
    directions[direction].credits = .advertised(
      for: links[receiver.link].configuration, infiniteCompletions: nodes[receiver.node].takesEveryCompletion)
    directions[direction].order = OrderingChecker()
  }

  mutating func discard(_ tlp: FabricTLP, _ direction: Int, isQueued: Bool) {
    payloads.release(tlp.payload)
    guard isQueued else {
      noteDiscarded(tlp, direction)
      if capture.isOn {
        capture.markLost(tlp.header, link: direction >> 1, "the link went down before it arrived")
      }
      return
    }
    directions[direction].wire.giveUp(tlp, at: now)
    returnHeldCredits(tlp)
    if tlp.flowControlClass == .nonPosted, direction & 1 == 0 { abort(tlp.header, direction >> 1) }
  }

  /// A port with its link down takes a TLP from its own side.
  mutating func refuse(_ tlp: FabricTLP, _ direction: Int) { discard(tlp, direction, isQueued: true) }

  /// A TLP that was sent is dropped.
  mutating func noteDiscarded(_ tlp: FabricTLP, _ direction: Int) {
    directions[direction].wire.discard(tlp)
  }

  private mutating func abort(_ request: TLPHeader, _ link: Int) {
    links[link].aborted.append(request)
    if links[link].aborted.count == 1 {
      queue.schedule(.aborted(link: Int32(truncatingIfNeeded: link)), at: now)
    }
  }

  /// Completes requests that the link could not carry, on behalf of the port above it.
  mutating func answerAborted(_ link: Int) {
    let requests = links[link].aborted
    links[link].aborted.removeAll(keepingCapacity: true)
    let port = links[link].upstream
    for request in requests {
      var header = TLPHeader()
      header.formatAndType = 0b000_01010
      header.requesterID = request.requesterID
      header.tag = request.tag
      header.completionStatus = links[link].containment ?? .unsupportedRequest
      header.byteCount = 4
      var completion = FabricTLP(header: header)
      completion.classify()
      _ = nodes[port.node].receive(completion, at: port.number, in: &self)
    }
  }
}
