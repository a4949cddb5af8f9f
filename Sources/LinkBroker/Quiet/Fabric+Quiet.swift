public import PCIe
import Simulation

// The short way of requests for memory over a link on which nothing else is going on.
extension Fabric {
  /// Opens the short way for a peer's requests; false when anything could come between, or more than memory
  /// takes part.
  ///
  /// What can be seen afterwards of a request that took it is what `send` and its events would have left:
  /// memory, completions, counters, history, credits, and after `runEvents` time. A tag alone is free
  /// earlier: once the requester can have seen the completions. It is there only where the clock is real, as
  /// `runEvents` says how far the fabric may go.
  // Mutating only so that the fabric is not copied to be looked at.
  public mutating func open(_ lane: QuietLane, from node: any OutsideEnd) -> Bool {
    // A fault that wants something done comes first.
    guard faults.signals.isEmpty, livelock == nil, let port = node.port, nodes[port.node] === node,
      !node.hasWaiting
    else { return false }
    let direction = port.outgoing
    let receiver = directions[direction].receiver
    guard directions[direction].isQuiet, let memory = nodes[receiver.node].memory else { return false }
    var end = quiet.horizon
    if let next = queue.nextTime {
      guard next > now else { return false }
      end = min(end, VirtualTime(picoseconds: next.picoseconds - 1))
    }
    guard end > now else { return false }
    if lane.memory !== memory { lane.memory = memory }
    (lane.direction, lane.port, lane.window) = (direction, receiver.number, .none)
    lane.end = end
    let half = Self.lead.picoseconds / 2
    lane.leadEnd = VirtualTime(picoseconds: max(quiet.horizon.picoseconds, half) - half)
    lane.completionBytesMax = completionBytesMax(for: node, from: direction ^ 1)
    lane.tripEnd = VirtualTime(
      picoseconds: end.picoseconds - min(end.picoseconds, tripMax(direction).picoseconds))
    lane.epoch = quiet.epoch
    return true
  }

  /// Whether nothing has been sent otherwise, and no events were let happen, since a lane was opened.
  // Mutating only so that the fabric is not copied to be looked at.
  @inline(__always)
  public mutating func isCurrent(_ lane: QuietLane) -> Bool { lane.epoch == quiet.epoch }

  private mutating func completionBytesMax(for node: any OutsideEnd, from direction: Int) -> Int {
    guard directions[direction].isQuiet, directions[direction].credits.completion.isInfinite else { return 0 }
    return min(directions[direction].timing.maxPayloadBytes, node.completionBytesMax(at: now))
  }

  /// Whether the short way has used up so much of its time that the clock should be read first.
  // Mutating only so that the fabric is not copied to be looked at.
  @inline(__always)
  public mutating func isFarAhead(on lane: QuietLane) -> Bool { max(now, quiet.arrival) > lane.leadEnd }

  /// Lets what was answered have arrived: what the program sends now, it sends after that.
  @inline(__always)
  public mutating func passAnswers(on lane: QuietLane) { catchUp(until: lane.end) }

  /// Takes a write of a peer over the link at once; false when it has to be sent as others are.
  ///
  /// The caller has its data stored, in `lane.memory` at `lane.place`.
  /// - Complexity: constant; allocates nothing.
  @inline(__always)
  public mutating func take(write request: TLPHeader, payloadBytes bytes: Int, on lane: QuietLane) -> Bool {
    assert(isCurrent(lane), "something else was done with the fabric")
    assert(request.isPlainMemoryRequest, "the short way is for no other")
    guard TLPRules.isWellFormed(plainRequest: request), bytes == request.payloadBytes,
      bytes <= directions[lane.direction].timing.maxPayloadBytes, finds(request, lane),
      bytes <= lane.window.maxWriteBytes,
      let arrival = directions[lane.direction].cross(
        write: request, payloadBytes: bytes, at: now, before: lane.end)
    else { return false }
    quiet.arrival = max(quiet.arrival, arrival)
    return true
  }

  /// Whether a read of a peer can be answered at once; else it has to be sent as others are.
  ///
  /// Nothing is changed yet: the caller gives `lane.completion` after `lane.completion` to the peer, and then
  /// settles it, which so happens while the peer is at work with the answer.
  /// - Complexity: constant; allocates nothing.
  @inline(__always)
  public mutating func admits(read request: TLPHeader, on lane: QuietLane) -> Bool {
    assert(isCurrent(lane), "something else was done with the fabric")
    assert(request.isPlainMemoryRequest, "the short way is for no other")
    guard TLPRules.isWellFormed(plainRequest: request), finds(request, lane),
      lane.window.maxPayloadBytes <= lane.completionBytesMax,
      !isWaiting(UnseenReads.Key(request, lane.direction)),
      directions[lane.direction].admitsRead(at: now)
    else { return false }
    let count = request.lengthDW * 4
    if lane.window.pieceBytes(request.address, count) == count, max(now, quiet.arrival) <= lane.tripEnd {
      return true
    }
    let arrival = directions[lane.direction].arrival(ofBytes: request.headerBytes, at: now)
    return lastArrival(of: request, lane.window.maxPayloadBytes, lane.direction ^ 1, at: arrival) <= lane.end
  }

  /// Does the accounts of a read that was admitted and has been answered.
  ///
  /// - Complexity: linear in its completions; allocates nothing.
  @inline(__always)
  public mutating func settle(read request: TLPHeader, on lane: QuietLane) {
    let direction = lane.direction
    let arrival = directions[direction].cross(read: request, at: now)
    var (end, done) = (arrival, 0)
    while let completion = lane.completion(of: request, after: done) {
      end = directions[direction ^ 1].cross(
        completion: completion.header, payloadBytes: completion.byteCount, at: arrival)
      done += completion.byteCount
    }
    quiet.arrival = max(quiet.arrival, end)
    quiet.unseen.append(UnseenReads.Key(request, direction), until: end)
  }

  /// Whether the lane's memory holds a request; looks for other memory when it does not.
  @inline(__always)
  private mutating func finds(_ request: TLPHeader, _ lane: QuietLane) -> Bool {
    let (address, bytes) = (request.address, request.lengthDW * 4)
    if lane.window.holds(address, bytes) { return true }
    guard let window = lane.memory?.window(around: request, at: lane.port, now: now) else { return false }
    lane.window = window
    return window.holds(address, bytes)
  }

  /// When the last completion of a read has arrived at the latest.
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

  /// How long a read takes at most whose answer is one completion.
  private mutating func tripMax(_ direction: Int) -> VirtualDuration {
    let (out, back) = (direction, direction ^ 1)
    let request = directions[out].timing.serialization(tlpBytes: 16) + directions[out].timing.latency
    let bytes = Self.completionBytes + directions[back].timing.maxPayloadBytes
    return request + directions[back].timing.serialization(tlpBytes: bytes) + directions[back].timing.latency
  }

  /// The header of a completion.
  private static var completionBytes: Int { 12 }
}

// What is left of it.
extension Fabric {
  /// Lets what took the short way be over as far as it has arrived by an instant; no event stands before it.
  @inline(__always)
  mutating func catchUp(until time: VirtualTime) {
    guard quiet.arrival > .zero else { return }
    now = max(now, min(quiet.arrival, time))
    if quiet.arrival <= time { quiet.arrival = .zero }
    if quiet.unseen.keptCount > 0 { releaseKeptTags(until: time) }
  }

  /// Whether a requester cannot have seen the completions of an earlier request with the same tag.
  @inline(__always)
  private mutating func isWaiting(_ request: UnseenReads.Key) -> Bool {
    if quiet.unseen.contains(request) { return true }
    return directions[request.direction].outstanding.count > 0
      && directions[request.direction].outstanding.contains(request.requester, request.tag)
  }

  /// Frees the tags of reads that took the short way: their requesters have got the completions.
  @inline(__always)
  public mutating func noteAnswersSeen() {
    if quiet.unseen.keptCount > 0 { releaseKeptTags() }
    quiet.unseen.removeAll()
  }

  mutating func releaseKeptTags(until time: VirtualTime = .never, ofLink link: Int? = nil) {
    while let request = quiet.unseen.releaseNext(until: time, ofLink: link) {
      directions[request.direction].outstanding.remove(request.requester, request.tag)
    }
  }

  /// Lets those tags be in use for what is sent otherwise, too.
  @inline(__always)
  mutating func keepUnseenTags() {
    while let request = quiet.unseen.keepNext() {
      _ = directions[request.direction].outstanding.insert(request.requester, request.tag)
    }
  }
}
