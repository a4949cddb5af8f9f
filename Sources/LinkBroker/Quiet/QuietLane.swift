public import PCIe
import Simulation

/// The short way over one link for the requests of a peer, for as long as nothing else goes on there.
///
/// What it holds stays as it is while requests take it. Whatever else is done with the fabric ends it, and
/// `Fabric.open` begins it anew.
/// A class, for a struct of its size would be copied with each request.
public final class QuietLane {
  /// The direction that requests take; their completions take the other one.
  var direction = 0
  /// The memory at its end, and the port of the node that has it.
  public internal(set) var memory: (any NodeMemory)?
  var port = 0
  /// Where the request before went: most of them follow one another.
  var window = MemoryWindow.none
  /// The last instant at which anything may arrive: another event comes after it, or the clock is not as far.
  var end = VirtualTime.zero
  /// How far the short way goes before the clock should be read again.
  var leadEnd = VirtualTime.zero
  /// The last instant at which a read with one completion certainly is over before `end`.
  var tripEnd = VirtualTime.zero
  /// The largest completion that may come back.
  ///
  /// - Units: bytes; 0 where reads do not take this way.
  var completionBytesMax = 0
  /// That of `QuietTime` when it was opened.
  var epoch = UInt64.max

  /// A lane that is not open.
  public init() {}
}

// Where the bytes are of what the fabric has let through.
extension QuietLane {
  /// Where a request goes in `memory`.
  @inline(__always)
  public func place(of request: TLPHeader) -> MemoryPlace {
    MemoryPlace(region: window.region, offset: window.place(of: request.address))
  }

  /// The completion of a read that comes after some of its bytes; nil when that were all.
  @inline(__always)
  public func completion(of request: TLPHeader, after done: Int) -> QuietCompletion? {
    let left = request.lengthDW * 4 - done
    guard left > 0 else { return nil }
    let address = request.address &+ UInt64(truncatingIfNeeded: done)
    let bytes = window.pieceBytes(address, left)
    let header = TLPHeader.completionWithData(
      of: request, completer: window.completer, address: address, bytes: bytes, remainingBytes: left)
    let place = MemoryPlace(region: window.region, offset: window.place(of: address))
    return QuietCompletion(header: header, byteCount: bytes, place: place)
  }

  /// How many completions a read has.
  @inline(__always)
  public func completionCount(of request: TLPHeader) -> Int {
    window.pieceCount(request.address, request.lengthDW * 4)
  }

  /// The largest payload of the completions of a read.
  ///
  /// - Units: bytes.
  @inline(__always)
  public func completionBytesMax(of request: TLPHeader) -> Int {
    min(request.lengthDW * 4, window.maxPayloadBytes)
  }
}
