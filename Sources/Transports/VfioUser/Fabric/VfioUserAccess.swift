import PCIe
import Simulation

/// An access of the host to a region, and how far it is.
struct VfioUserAccess {
  /// Who waits for it.
  enum Origin: Hashable {
    case host(VfioUserToken?)
    case probe
    /// The device is given back what it has lost and its host still believes.
    case upkeep
  }

  private(set) var origin: Origin
  let range: VfioUserRange
  let isWrite: Bool
  /// What is written, or what has been read so far.
  var data: [UInt8]
  /// The bytes for which requests have been sent.
  var issued = 0
  /// Requests whose completions have not come.
  var open = 0
  /// Whether a part of it has failed.
  var failure: Failure?
  /// When the host is told that it has failed, if it has not ended before; nil where nobody waits.
  var answerBy: VirtualTime?
  /// Until when the device may ask for a retry of its requests; nil before it has done so.
  var retriesUntil: VirtualTime?

  typealias Failure = HostFailure.Reason

  /// Nobody waits for it any more, and what is left of it is not begun.
  mutating func giveUp() {
    origin = .host(nil)
    answerBy = nil
    failure = failure ?? .timeout
  }

  var isIssued: Bool { issued >= range.count }
  var isConfiguration: Bool { range.region == VfioUserRegionIndex.configuration }
}

/// A request on the link that waits for its completion.
struct VfioUserPart {
  /// The place of its access in the table.
  var access: Int
  /// Of its bytes in the access.
  var offset: Int
  var bytes: Int
  var done = 0
  /// The address of its first byte.
  var address: UInt64
  var isMemory: Bool
  var deadline: VirtualTime
}

/// The accesses of a host that are not done, in the order in which they came.
struct VfioUserAccesses {
  private(set) var table: [VfioUserAccess?] = []
  /// The bytes of all accesses, which is what they take of memory.
  private(set) var bytes = 0
  /// The places of accesses of which requests have still to be sent.
  private var queue: [Int] = []
  private var nextQueued = 0
  private var parts: [VfioUserPart?]
  private var nextTag = 0
  private var freeTags: Int
  private static let compaction = 256
  /// The first failure of the host's that nobody has taken.
  private var failure: HostFailure?

  init(tags: Int) {
    parts = Array(repeating: nil, count: tags)
    freeTags = tags
  }

  /// How many accesses wait for their requests to be sent.
  var waiting: Int { queue.count - nextQueued }
  /// Whether a request can be sent that wants a completion.
  var hasTag: Bool { freeTags > 0 }
  /// Whether nothing is under way.
  var isEmpty: Bool { waiting == 0 && freeTags == parts.count }

  mutating func add(_ access: VfioUserAccess) {
    bytes += access.range.count
    let place = table.firstIndex { $0 == nil } ?? table.count
    if place == table.count { table.append(nil) }
    table[place] = access
    queue.append(place)
  }

  /// The place of the access whose requests come next.
  var first: Int? { nextQueued < queue.count ? queue[nextQueued] : nil }

  /// All requests of the first access have been sent.
  mutating func removeFirst() {
    nextQueued += 1
    guard nextQueued == queue.count || nextQueued > Self.compaction else { return }
    queue.removeFirst(nextQueued)
    nextQueued = 0
  }

  subscript(place: Int) -> VfioUserAccess {
    get {
      guard let access = table[place] else { preconditionFailure("an access that has ended") }
      return access
    }
    _modify {
      guard var access = table[place] else { preconditionFailure("an access that has ended") }
      table[place] = nil
      yield &access
      table[place] = access
    }
  }

  /// Takes an access that has ended off the table.
  mutating func remove(_ place: Int) -> VfioUserAccess {
    guard let access = table[place] else { preconditionFailure("an access that has ended") }
    table[place] = nil
    bytes -= access.range.count
    return access
  }

  /// Keeps how an access of the host has failed, for whoever plays its processor.
  mutating func note(_ failure: HostFailure) { if self.failure == nil { self.failure = failure } }

  mutating func takeFailure() -> HostFailure? { failure.take() }

  // MARK: Requests on the link

  /// Begins a request, and gives its tag; there must be one.
  ///
  /// A tag comes again as late as it can: the completion of one that was given up may still come.
  mutating func begin(_ part: VfioUserPart) -> UInt16 {
    while parts[nextTag] != nil { nextTag = (nextTag + 1) % parts.count }
    defer { nextTag = (nextTag + 1) % parts.count }
    parts[nextTag] = part
    freeTags -= 1
    return UInt16(nextTag)
  }

  func part(_ tag: UInt16) -> VfioUserPart? { Int(tag) < parts.count ? parts[Int(tag)] : nil }

  mutating func advance(_ tag: UInt16, by count: Int) { parts[Int(tag)]?.done += count }

  /// Ends a request, whose tag is in use.
  mutating func end(_ tag: UInt16) {
    parts[Int(tag)] = nil
    freeTags += 1
  }

  /// The tags of requests whose time is over, or of all.
  func tags(dueAt now: VirtualTime) -> [UInt16] {
    parts.indices.compactMap { tag in parts[tag].flatMap { $0.deadline <= now ? UInt16(tag) : nil } }
  }

  /// When the host of the first access is told that it has failed, nil when no host waits.
  var answerDeadline: VirtualTime? { table.lazy.compactMap { $0?.answerBy }.min() }

  /// The places of accesses of which the host has to be told now.
  func places(toAnswerAt now: VirtualTime) -> [Int] {
    table.indices.filter { table[$0]?.answerBy.map { $0 <= now } ?? false }
  }

  /// When the first request is given up, nil when none waits.
  var deadline: VirtualTime? {
    guard freeTags < parts.count else { return nil }
    var first: VirtualTime?
    for case let part? in parts { first = min(first ?? part.deadline, part.deadline) }
    return first
  }
}
