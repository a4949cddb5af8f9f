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
    _ request: TLPHeader, payload: RawSpan, on lane: QuietLane, hasRoom: (Int, Int) -> Bool,
    _ complete: (TLPHeader, RawSpan) -> Void
  ) -> Bool {
    assert(isCurrent(lane), "something else was done with the fabric")
    guard request.isPlainMemoryRequest else { return false }
    return request.hasData
      ? write(request, payload, lane)
      : payload.isEmpty && read(request, lane, hasRoom, complete)
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

  private mutating func write(_ request: TLPHeader, _ payload: RawSpan, _ lane: QuietLane) -> Bool {
    let bytes = payload.byteCount
    guard TLPRules.isWellFormed(plainRequest: request), bytes == request.payloadBytes,
      bytes <= directions[lane.direction].timing.maxPayloadBytes, finds(request, lane),
      bytes <= lane.window.maxWriteBytes,
      let arrival = directions[lane.direction].cross(
        write: request, payloadBytes: bytes, at: now, before: lane.end)
    else { return false }
    lane.memory?.store(payload, in: lane.window.region, at: lane.window.place(of: request.address))
    quiet.arrival = max(quiet.arrival, arrival)
    return true
  }

  private mutating func read(
    _ request: TLPHeader, _ lane: QuietLane, _ hasRoom: (Int, Int) -> Bool,
    _ complete: (TLPHeader, RawSpan) -> Void
  ) -> Bool {
    let direction = lane.direction
    let count = request.lengthDW * 4
    let key = UnseenReads.Key(direction: direction, requester: request.requesterID, tag: request.tag)
    guard TLPRules.isWellFormed(plainRequest: request), !isWaiting(key), finds(request, lane) else {
      return false
    }
    guard lane.window.maxPayloadBytes <= lane.completionBytesMax else { return false }
    let end =
      lane.window.pieceBytes(request.address, count) == count
      ? readWhole(request, lane, hasRoom, complete) : readInPieces(request, lane, hasRoom, complete)
    guard let end else { return false }
    quiet.arrival = max(quiet.arrival, end)
    quiet.unseen.append(key, until: end)
    return true
  }

  /// Serves a read that has one completion, and gives its arrival; nil when it has to be sent as others are.
  @inline(__always)
  private mutating func readWhole(
    _ request: TLPHeader, _ lane: QuietLane, _ hasRoom: (Int, Int) -> Bool,
    _ complete: (TLPHeader, RawSpan) -> Void
  ) -> VirtualTime? {
    let (direction, count, address) = (lane.direction, request.lengthDW * 4, request.address)
    guard hasRoom(1, count), let arrival = directions[direction].arrival(ofRead: request, at: now),
      directions[direction ^ 1].arrival(ofBytes: Self.completionBytes + count, at: arrival) <= lane.end
    else { return nil }
    directions[direction].cross(read: request, at: now)
    let header = TLPHeader.completionWithData(
      of: request, completer: lane.window.completer, address: address, bytes: count, remainingBytes: count)
    let end = directions[direction ^ 1].cross(completion: header, payloadBytes: count, at: arrival)
    lane.memory?.load(count, from: lane.window.region, at: lane.window.place(of: address)) {
      complete(header, $0)
    }
    return end
  }

  /// Serves a read that has several completions, and gives the arrival of the last one.
  private mutating func readInPieces(
    _ request: TLPHeader, _ lane: QuietLane, _ hasRoom: (Int, Int) -> Bool,
    _ complete: (TLPHeader, RawSpan) -> Void
  ) -> VirtualTime? {
    let (direction, count, window) = (lane.direction, request.lengthDW * 4, lane.window)
    guard hasRoom(window.pieceCount(request.address, count), min(count, window.maxPayloadBytes)),
      let arrival = directions[direction].arrival(ofRead: request, at: now),
      lastArrival(of: request, window.maxPayloadBytes, direction ^ 1, at: arrival) <= lane.end
    else { return nil }
    directions[direction].cross(read: request, at: now)
    var end = arrival
    lane.memory?.load(count, from: window.region, at: window.place(of: request.address)) { bytes in
      var (address, done) = (request.address, 0)
      while done < count {
        let piece = window.pieceBytes(address, count - done)
        let header = TLPHeader.completionWithData(
          of: request, completer: window.completer, address: address, bytes: piece,
          remainingBytes: count - done)
        end = directions[direction ^ 1].cross(completion: header, payloadBytes: piece, at: arrival)
        complete(header, bytes.extracting(done..<done + piece))
        address &+= UInt64(truncatingIfNeeded: piece)
        done += piece
      }
    }
    return end
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
