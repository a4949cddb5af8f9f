import PCIe
import Simulation

/// Requests that wait for completions, by the tags of the side that they were sent to.
///
/// A read may need several requests there, each with a tag of its own.
struct WarpPipeReads: Sendable {
  struct Read: Hashable, Sendable {
    /// As its requester sent it.
    var request: TLPHeader
    /// Whether the data goes back to the requester; else nobody wants to know.
    var isAwaited: Bool
    var data: [UInt8]
    /// Requests whose data has not come.
    var open: Int
    /// The status of a part that failed.
    var failure: CompletionStatus?
    var deadline: VirtualTime
    /// Whether the deadline is counted from when the completer has taken it.
    var isSentOut = false
  }

  private struct Part: Hashable, Sendable {
    var read: Int
    var offset: Int
    var bytes: Int
    /// The bytes that have come.
    var done = 0
  }

  private var parts: [Part?]
  /// The tag after the last one taken: a tag that was given up rests as long as it can, since its completion
  /// may come late.
  private var nextTag = 0
  private var reads: [Read?] = []

  /// Room for as many requests as there are tags.
  init(tags: Int) { parts = Array(repeating: nil, count: tags) }

  /// The tags that are free.
  var freeTags: Int { parts.count { $0 == nil } }
  /// Whether nothing waits.
  var isEmpty: Bool { freeTags == parts.count }
  /// When the first read is given up, nil when none waits.
  var deadline: VirtualTime? {
    var first: VirtualTime?
    for case let read? in reads { first = min(first ?? read.deadline, read.deadline) }
    return first
  }

  /// Begins a read in pieces; there must be a free tag for each.
  mutating func begin(_ read: Read, pieces: [(offset: Int, bytes: Int)]) -> [UInt16] {
    let place = reads.firstIndex { $0 == nil } ?? reads.count
    if place == reads.count { reads.append(nil) }
    reads[place] = read
    reads[place]?.open = pieces.count
    var tags: [UInt16] = []
    for piece in pieces {
      let tag = takeTag()
      parts[tag] = Part(read: place, offset: piece.offset, bytes: piece.bytes)
      tags.append(UInt16(tag))
    }
    return tags
  }

  private mutating func takeTag() -> Int {
    guard
      let tag = parts[nextTag...].firstIndex(where: { $0 == nil }) ?? parts.firstIndex(where: { $0 == nil })
    else { preconditionFailure("no free tag") }
    nextTag = (tag + 1) % parts.count
    return tag
  }

  /// The bytes that the request with a tag still waits for, nil when nobody uses the tag.
  func missingBytes(_ tag: UInt16) -> Int? {
    guard Int(tag) < parts.count, let part = parts[Int(tag)] else { return nil }
    return part.bytes - part.done
  }

  /// Takes data for a tag in use; gives the read when it was the last.
  mutating func fill(_ tag: UInt16, with bytes: ArraySlice<UInt8>) -> Read? {
    guard var part = parts[Int(tag)] else { return nil }
    let start = part.offset + part.done
    reads[part.read]?.data.replaceSubrange(start..<start + bytes.count, with: bytes)
    part.done += bytes.count
    parts[Int(tag)] = part
    return part.done >= part.bytes ? end(tag) : nil
  }

  /// Ends a tag in use without data; gives the read when it was the last.
  mutating func fail(_ tag: UInt16, _ status: CompletionStatus) -> Read? {
    guard let part = parts[Int(tag)] else { return nil }
    reads[part.read]?.failure = status
    return end(tag)
  }

  private mutating func end(_ tag: UInt16) -> Read? {
    guard let part = parts[Int(tag)] else { return nil }
    parts[Int(tag)] = nil
    reads[part.read]?.open -= 1
    guard let read = reads[part.read], read.open == 0 else { return nil }
    reads[part.read] = nil
    return read
  }

  /// Gives what has waited too long a later deadline, if that is one; once, unless it may wait behind others.
  mutating func postpone(at now: VirtualTime, until deadline: VirtualTime, isBehind: Bool) {
    for place in reads.indices {
      guard let read = reads[place], read.deadline <= now, read.deadline < deadline, !read.isSentOut else {
        continue
      }
      reads[place]?.deadline = deadline
      reads[place]?.isSentOut = !isBehind
    }
  }

  /// Gives up what has waited too long, with the tag of one of its requests.
  mutating func expire(at now: VirtualTime) -> [(read: Read, tag: UInt16)] {
    var expired: [(read: Read, tag: UInt16)] = []
    for place in reads.indices {
      guard let read = reads[place], read.deadline <= now else { continue }
      let tags = parts.indices.filter { parts[$0]?.read == place }
      for tag in tags { parts[tag] = nil }
      reads[place] = nil
      expired.append((read, UInt16(tags.first ?? 0)))
    }
    return expired
  }
}
