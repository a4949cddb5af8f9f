import LinkBroker
import PCIe
import Simulation

@testable import Endpoints

/// Takes data that is marked as bad for good.
final class UsesPoison: StandIn {
  override func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    var tlp = tlp
    tlp.header.isPoisoned = false
    return super.receive(tlp, at: port, in: &fabric)
  }
}

/// A root complex with a wrong habit.
class WrongHost: StandIn {
  var host: RootComplex {
    guard let host = model as? RootComplex else { preconditionFailure("it stands before a root complex") }
    return host
  }

  /// Whether a completion belongs to a read of memory that waits for it.
  final func isAwaited(_ header: TLPHeader) -> Bool {
    let tag = Int(header.tag)
    guard header.isCompletionShaped, tag < host.core.requester.pending.count else { return false }
    let request = host.core.requester.pending[tag]
    return !request.isFree
      && host.core.requester.transfers[Int(request.operation)].kind == .memoryRead
  }
}

/// Gives up on requests after 20 microseconds.
final class GivesUpEarly: WrongHost {
  override func attach(_ port: FabricPort, number: Int, in fabric: inout Fabric) {
    super.attach(port, number: number, in: &fabric)
    host.core.requester.limits.completionTimeout = .microseconds(20)
  }
}

/// Waits for completions for ever.
final class NeverGivesUp: WrongHost {
  override func timerFired(_ token: UInt64, in fabric: inout Fabric) {
    if token != 0 { super.timerFired(token, in: &fabric) }
  }
}

/// Ends requests after the timeout and reports nothing.
final class HidesTimeouts: WrongHost {
  override func timerFired(_ token: UInt64, in fabric: inout Fabric) {
    let before = host.core.ports.ports.map(\.bridge.space)
    super.timerFired(token, in: &fabric)
    for (port, space) in before.enumerated() { host.core.ports.ports[port].bridge.space = space }
  }
}

/// Uses the tag of a request that has timed out for the next one.
final class ReusesTags: WrongHost {
  override func timerFired(_ token: UInt64, in fabric: inout Fabric) {
    let before = host.core.requester.outstandingTags
    super.timerFired(token, in: &fabric)
    guard let late = before.subtracting(host.core.requester.outstandingTags).first else { return }
    var free: [UInt16] = []
    while let tag = host.core.requester.tags.take() { free.append(tag) }
    for tag in [late] + free.filter({ $0 != late }) { host.core.requester.tags.release(tag) }
  }
}

/// Takes completions that nobody asked for without a word.
final class SwallowsCompletions: WrongHost {
  override func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    let tag = Int(tlp.header.tag)
    let isUnexpected =
      tlp.header.isCompletionShaped && tlp.header.requesterID == host.core.requester.id
      && host.core.requester.pending[tag].isFree
    return isUnexpected ? .consumed : super.receive(tlp, at: port, in: &fabric)
  }
}

/// Takes each completion of a read for the next piece of its data.
final class TakesAnyPiece: WrongHost {
  override func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    guard isAwaited(tlp.header) else { return super.receive(tlp, at: port, in: &fabric) }
    let request = host.core.requester.pending[Int(tlp.header.tag)]
    var tlp = tlp
    tlp.header.byteCount = Int(request.remaining)
    tlp.header.lowerAddress = UInt8(truncatingIfNeeded: request.nextAddress & 0x7f)
    return super.receive(tlp, at: port, in: &fabric)
  }
}

/// Takes each completion for the answer to the oldest request.
final class AnswersTheOldest: WrongHost {
  override func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    guard isAwaited(tlp.header), let oldest = host.core.requester.outstandingTags.min() else {
      return super.receive(tlp, at: port, in: &fabric)
    }
    var tlp = tlp
    tlp.header.tag = oldest
    return super.receive(tlp, at: port, in: &fabric)
  }
}

/// Takes the first completion of a read for the whole answer.
final class TakesOnePiece: WrongHost {
  override func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    guard isAwaited(tlp.header) else { return super.receive(tlp, at: port, in: &fabric) }
    let tag = Int(tlp.header.tag)
    let count = min(Int(host.core.requester.pending[tag].remaining), Int(tlp.payload.bytes))
    host.core.requester.pending[tag].remaining = Int32(truncatingIfNeeded: count)
    var tlp = tlp
    tlp.header.byteCount = count
    return super.receive(tlp, at: port, in: &fabric)
  }
}

/// Takes a request for another try for a refusal.
final class TakesRetryForRefusal: WrongHost {
  override func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    var tlp = tlp
    if tlp.header.isCompletionShaped, tlp.header.completionStatus == .requestRetry {
      tlp.header.completionStatus = .unsupportedRequest
    }
    return super.receive(tlp, at: port, in: &fabric)
  }
}
