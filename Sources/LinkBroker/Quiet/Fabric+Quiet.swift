public import PCIe
import Simulation

// The short way of requests for memory over a link on which nothing else is going on.
extension Fabric {
  /// Serves a memory request of a peer at once, over a link on which nothing else is going on.
  ///
  /// False when anything could come between, or more than memory takes part: then it is sent as others are.
  /// What can be seen of it afterwards is what `send` and its events would have left: memory, completions,
  /// counters, history, credits, and after `runEvents` time. Only where the clock is real, as `runEvents`
  /// says how far the fabric may go.
  /// - Parameters:
  ///   - payload: what stands behind the header.
  ///   - node: who sends it, which must be able to take all completions now.
  ///   - complete: takes the completions, in order.
  /// - Complexity: constant besides the bytes; allocates nothing.
  @inline(__always)
  public mutating func serveQuietly(
    _ request: TLPHeader, payload: RawSpan, from node: any OutsideEnd,
    _ complete: (TLPHeader, RawSpan) -> Void
  ) -> Bool {
    // A fault that wants something done comes first.
    guard request.isPlainMemoryRequest, !hasSignals, livelock == nil, let port = node.port
    else { return false }
    let direction = port.outgoing
    guard directions[direction].isQuiet, nodes[port.node] === node else { return false }
    var tlp = FabricTLP(header: request, payload: .elsewhere(bytes: payload.byteCount))
    tlp.classify()
    return request.hasData
      ? write(&tlp, payload, direction) : read(&tlp, direction, for: node, complete)
  }

  /// Lets what took the short way be over as far as it has arrived by an instant; no event stands before it.
  ///
  /// Until then the tags of reads are in use.
  @inline(__always)
  mutating func catchUp(until time: VirtualTime) {
    guard quiet.arrival > .zero else { return }
    endQuiet(until: time)
  }

  private mutating func endQuiet(until time: VirtualTime) {
    now = max(now, min(quiet.arrival, time))
    if quiet.arrival <= time { quiet.arrival = .zero }
    freeQuietTags { $0.end <= time }
  }

  /// Frees the tags of reads that took the short way: their requesters have got the completions.
  @inline(__always)
  public mutating func noteAnswersSeen() {
    if !quiet.requests.isEmpty { freeQuietTags() }
  }

  /// Frees tags of reads that took the short way, by default of all.
  mutating func freeQuietTags(where isOver: (QuietTime.Request) -> Bool = { _ in true }) {
    guard !quiet.requests.isEmpty else { return }
    for index in quiet.requests.indices.reversed() where isOver(quiet.requests[index]) {
      let request = quiet.requests.remove(at: index)
      directions[request.direction].outstanding.remove(request.requester, request.tag)
    }
  }

  /// Whether nothing else happens up to an instant, and it may become that instant.
  @inline(__always)
  private func isFree(until time: VirtualTime) -> Bool {
    guard time <= quiet.horizon else { return false }
    guard let next = queue.nextTime else { return true }
    return time < next
  }

  @inline(__always)
  private mutating func isWellFormed(_ tlp: FabricTLP, _ direction: Int) -> Bool {
    TLPRules.check(
      tlp.header, kind: tlp.kind, payloadBytes: Int(tlp.payload.bytes),
      maxPayloadBytes: directions[direction].timing.maxPayloadBytes) == nil
  }

  private mutating func write(_ tlp: inout FabricTLP, _ payload: RawSpan, _ direction: Int) -> Bool {
    let receiver = directions[direction].receiver
    guard isWellFormed(tlp, direction), let memory = nodes[receiver.node].memory,
      let place = memory.place(of: tlp.header, at: receiver.number, in: self),
      let time = directions[direction].creditTime(for: tlp, at: now)
    else { return false }
    let arrival = directions[direction].arrival(ofBytes: tlp.wireBytes, at: time)
    guard isFree(until: arrival) else { return false }
    directions[direction].cross(&tlp, at: time)
    memory.store(payload, at: place)
    quiet.arrival = max(quiet.arrival, arrival)
    return true
  }

  private mutating func read(
    _ tlp: inout FabricTLP, _ direction: Int, for node: any OutsideEnd,
    _ complete: (TLPHeader, RawSpan) -> Void
  ) -> Bool {
    let receiver = directions[direction].receiver
    let back = direction ^ 1
    guard directions[back].isQuiet, directions[back].credits.completion.isInfinite,
      isWellFormed(tlp, direction),
      !directions[direction].outstanding.contains(tlp.header.requesterID, tlp.header.tag),
      let memory = nodes[receiver.node].memory,
      let place = memory.place(of: tlp.header, at: receiver.number, in: self),
      // Posted requests may pass a read that waits for credits, but not one on the lanes.
      directions[direction].creditTime(for: tlp, at: now) == now
    else { return false }
    let limit = place.maxPayloadBytes
    let arrival = directions[direction].arrival(ofBytes: tlp.wireBytes, at: now)
    guard limit <= directions[back].timing.maxPayloadBytes, node.takesCompletions(ofBytes: limit, at: now),
      isFree(until: lastArrival(of: tlp.header, limit, back, at: arrival))
    else { return false }
    _ = directions[direction].carry(tlp)
    directions[direction].cross(&tlp, at: now)
    var end = arrival
    memory.load(tlp.header, at: place) { header, bytes in
      var completion = FabricTLP(header: header, payload: .elsewhere(bytes: bytes.byteCount))
      completion.classify()
      directions[back].cross(&completion, at: arrival)
      end = completion.arrival
      complete(header, bytes)
    }
    quiet.arrival = max(quiet.arrival, end)
    quiet.requests.append(
      .init(direction: direction, requester: tlp.header.requesterID, tag: tlp.header.tag, end: end))
    return true
  }

  /// When the last completion of a read has arrived at the latest.
  @inline(__always)
  private mutating func lastArrival(
    of request: TLPHeader, _ limit: Int, _ direction: Int, at time: VirtualTime
  ) -> VirtualTime {
    let bytes = request.lengthDW * 4
    let first = directions[direction].arrival(ofBytes: Self.completionBytes + min(bytes, limit), at: time)
    // What reaches over a boundary of 64 bytes within the limit may be cut there.
    guard Int(request.address & 63) + bytes > limit else { return first }
    // The first piece may be short, as it ends at a boundary, and then there is one more.
    let length = directions[direction].timing.serialization(tlpBytes: Self.completionBytes + limit)
    return first + VirtualDuration(picoseconds: length.picoseconds * UInt64(bytes / limit + 1))
  }

  /// The header of a completion.
  private static var completionBytes: Int { 12 }
}

/// How far the short way may go, and how far it has gone.
struct QuietTime: Sendable {
  /// A read that has gone it and that is not over.
  struct Request: Sendable {
    var direction: Int
    var requester: FunctionAddress
    var tag: UInt16
    /// When its last completion has arrived.
    var end: VirtualTime
  }

  /// The last instant that it may become by it.
  var horizon = VirtualTime.zero
  /// When the last TLP arrives that has gone it; zero when it is that instant already.
  var arrival = VirtualTime.zero
  var requests: ContiguousArray<Request> = []
}
