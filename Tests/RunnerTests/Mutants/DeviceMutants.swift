import PCIe
import Simulation

@testable import Endpoints
@testable import LinkBroker

/// Keeps its state whatever happens to its link.
final class KeepsState: StandIn {
  override func linkChanged(_ change: LinkChange, at port: Int, in fabric: inout Fabric) {
    if change == .up { super.linkChanged(change, at: port, in: &fabric) }
  }
}

/// Takes the loss of a link for one that software has asked for.
final class ExpectsLoss: StandIn {
  override func linkChanged(_ change: LinkChange, at port: Int, in fabric: inout Fabric) {
    super.linkChanged(change == .surpriseDown ? .disabled : change, at: port, in: &fabric)
  }
}

/// Writes to memory ten microseconds after it has been reset.
final class WritesAfterReset: WrongEndpoint {
  private static let token: UInt64 = 1 << 40

  override func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    let wasReady = function.limits.configuresFrom <= fabric.now
    let disposition = super.receive(tlp, at: port, in: &fabric)
    if wasReady, function.limits.configuresFrom > fabric.now, let port = function.port {
      fabric.setTimer(after: .microseconds(10), node: port.node, token: Self.token)
    }
    return disposition
  }

  override func timerFired(_ token: UInt64, in fabric: inout Fabric) {
    guard token == Self.token else { return super.timerFired(token, in: &fabric) }
    write(.max, to: 0x4f000, in: &fabric)
  }
}

/// Masters the bus whether it may or not.
final class IgnoresBusMasterEnable: WrongEndpoint {
  override func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    let disposition = super.receive(tlp, at: port, in: &fabric)
    function.limits.isBusMasterEnabled = true
    function.requester.limits.mayRequest = true
    return disposition
  }
}

/// Goes on serving memory without Memory Space Enable.
final class IgnoresMemorySpaceEnable: WrongEndpoint {
  override func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    let wasEnabled = function.space.command.contains(.memoryEnable)
    let windows = function.windows
    let disposition = super.receive(tlp, at: port, in: &fabric)
    if wasEnabled, !function.space.command.contains(.memoryEnable) { function.windows = windows }
    return disposition
  }
}

/// Takes commands ten milliseconds after they have come, as if they waited behind a read without credits.
final class HoldsCommands: WrongEndpoint {
  private static let token: UInt64 = 1 << 40
  private var held: FabricTLP?

  override func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    guard tlp.header.kind == .memoryWrite, tlp.header.address & 0xff == 4, let port = function.port else {
      return super.receive(tlp, at: port, in: &fabric)
    }
    var copy = tlp
    copy.payload = fabric.payloads.duplicate(tlp.payload)
    held = copy
    fabric.setTimer(after: .milliseconds(10), node: port.node, token: Self.token)
    return .consumed
  }

  override func timerFired(_ token: UInt64, in fabric: inout Fabric) {
    guard token == Self.token, let tlp = held else { return super.timerFired(token, in: &fabric) }
    _ = super.receive(tlp, at: 0, in: &fabric)
    fabric.payloads.release(tlp.payload)
  }
}
