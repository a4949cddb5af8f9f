public import PCIe
import Simulation

// The short way of requests for memory over a link on which nothing else is going on.
extension Fabric {
  /// The short way for a peer's requests; nil when anything could come between, or more than memory takes
  /// part.
  ///
  /// What can be seen afterwards of a request that took it is what `send` and its events would have left:
  /// memory, completions, counters, history, credits, and after `runEvents` time. A tag alone is free
  /// earlier: once the requester can have seen the completions. It is there only where the clock is real, as
  /// `runEvents` says how far the fabric may go.
  // Mutating only so that the fabric is not copied to be looked at.
  public mutating func quietLane(from node: any OutsideEnd) -> QuietLane? {
    // A fault that wants something done comes first.
    guard !hasSignals, livelock == nil, let port = node.port, nodes[port.node] === node, !node.hasWaiting
    else { return nil }
    let direction = port.outgoing
    let receiver = directions[direction].receiver
    guard directions[direction].isQuiet, let memory = nodes[receiver.node].memory else { return nil }
    var end = quiet.horizon
    if let next = queue.nextTime {
      guard next > now else { return nil }
      end = min(end, VirtualTime(picoseconds: next.picoseconds - 1))
    }
    guard end > now else { return nil }
    let middle = now + VirtualDuration(picoseconds: (end - now).picoseconds / 2)
    return QuietLane(
      direction: direction, memory: memory, port: receiver.number, end: end, middle: middle,
      completionBytesMax: completionBytesMax(for: node, from: direction ^ 1), epoch: quiet.epoch)
  }

  /// Whether nothing has been sent otherwise, and no events were let happen, since a lane was made.
  @inline(__always)
  public func isCurrent(_ lane: borrowing QuietLane) -> Bool { lane.epoch == quiet.epoch }

  private mutating func completionBytesMax(for node: any OutsideEnd, from direction: Int) -> Int {
    guard directions[direction].isQuiet, directions[direction].credits.completion.isInfinite else { return 0 }
    return min(directions[direction].timing.maxPayloadBytes, node.completionBytesMax(at: now))
  }

  /// Whether the short way has used up so much of its time that the clock should be read first.
  @inline(__always)
  public func isFarAhead(on lane: borrowing QuietLane) -> Bool { quiet.arrival > lane.middle }

  /// Serves a memory request of a peer at once; false when it has to be sent as others are.
  ///
  /// - Parameters:
  ///   - payload: what stands behind the header.
  ///   - lane: of the peer.
  ///   - hasRoom: whether the peer can take so many completions now, none with more data than that.
  ///   - complete: takes the completions, in order.
  /// - Complexity: constant besides the bytes; allocates nothing.
  @inline(__always)
  public mutating func serve(
    _ request: TLPHeader, payload: RawSpan, on lane: borrowing QuietLane, hasRoom: (Int, Int) -> Bool,
    _ complete: (TLPHeader, RawSpan) -> Void
  ) -> Bool {
    assert(isCurrent(lane), "something else was done with the fabric")
    guard request.isPlainMemoryRequest else { return false }
    return request.hasData
      ? write(request, payload, lane)
      : payload.isEmpty && read(request, lane, hasRoom, complete)
  }

  @inline(__always)
  private mutating func isWellFormed(
    _ request: TLPHeader, _ kind: TLPKind, _ payloadBytes: Int, _ direction: Int
  ) -> Bool {
    TLPRules.check(
      request, kind: kind, payloadBytes: payloadBytes,
      maxPayloadBytes: directions[direction].timing.maxPayloadBytes) == nil
  }

  private mutating func write(_ request: TLPHeader, _ payload: RawSpan, _ lane: borrowing QuietLane) -> Bool {
    guard isWellFormed(request, .memoryWrite, payload.byteCount, lane.direction),
      let place = lane.memory.place(of: request, at: lane.port, now: now),
      let arrival = directions[lane.direction].cross(
        write: request, payloadBytes: payload.byteCount, at: now, before: lane.end)
    else { return false }
    lane.memory.store(payload, at: place)
    quiet.arrival = max(quiet.arrival, arrival)
    return true
  }

  private mutating func read(
    _ request: TLPHeader, _ lane: borrowing QuietLane, _ hasRoom: (Int, Int) -> Bool,
    _ complete: (TLPHeader, RawSpan) -> Void
  ) -> Bool {
    let direction = lane.direction
    let count = request.lengthDW * 4
    let key = UnseenReads.Key(direction: direction, requester: request.requesterID, tag: request.tag)
    guard isWellFormed(request, .memoryRead, 0, direction), !isWaiting(key),
      let place = lane.memory.place(of: request, at: lane.port, now: now),
      place.maxPayloadBytes <= lane.completionBytesMax,
      hasRoom(place.pieceCount(request.address, count), min(count, place.maxPayloadBytes)),
      let arrival = directions[direction].arrival(ofRead: request, at: now),
      lastArrival(of: request, place.maxPayloadBytes, direction ^ 1, at: arrival) <= lane.end
    else { return false }
    directions[direction].cross(read: request, at: now)
    var end = arrival
    lane.memory.load(count, at: place) { bytes in
      var (address, done) = (request.address, 0)
      while done < count {
        let piece = place.pieceBytes(address, count - done)
        let header = TLPHeader.completionWithData(
          of: request, completer: place.completer, address: address, bytes: piece,
          remainingBytes: count - done)
        end = directions[direction ^ 1].cross(completion: header, payloadBytes: piece, at: arrival)
        complete(header, bytes.extracting(done..<done + piece))
        address &+= UInt64(truncatingIfNeeded: piece)
        done += piece
      }
    }
    quiet.arrival = max(quiet.arrival, end)
    quiet.unseen.append(key, until: end)
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
