public import LinkBroker
import PCIe
import Simulation

extension DMAEndpoint {
  func begin(_ kind: DMATransfer.Kind, in fabric: inout Fabric) {
    let new = DMATransfer(
      kind: kind, source: address(DMARegister.sourceLow, DMARegister.sourceHigh),
      target: address(DMARegister.targetLow, DMARegister.targetHigh), size: Int(register(DMARegister.size)))
    transfer = new
    if kind != .write, wraps(new.source, new.size) { return fail(.sourceInvalid, in: &fabric) }
    if kind != .read, wraps(new.target, new.size) { return fail(.targetInvalid, in: &fabric) }
    advance(in: &fabric)
  }

  private func wraps(_ address: UInt64, _ size: Int) -> Bool {
    size > 0 && address.addingReportingOverflow(UInt64(size) - 1).overflow
  }

  /// Moves the next piece, or ends.
  private func advance(in fabric: inout Fabric) {
    guard let current = transfer else { return }
    if current.isComplete { return complete(current, in: &fabric) }
    if current.kind == .write { return writePiece(current, in: &fabric) }
    let operation = function.beginRead(
      address: current.source &+ UInt64(current.moved), count: current.nextCount, in: &fabric)
    guard let operation else { return fail([], in: &fabric) }
    transfer?.operation = operation
    // A function that may not request has its answer at once.
    if function.status(of: operation) != nil { take(operation, in: &fabric) }
  }

  /// Goes on with the transfer whose read has ended.
  public func transferEnded(_ operation: RequestOperation, in fabric: inout Fabric) {
    // The others are those of a suite's steps.
    if transfer?.operation == operation { take(operation, in: &fabric) }
  }

  private func take(_ operation: RequestOperation, in fabric: inout Fabric) {
    guard var current = transfer else { return }
    let outcome = function.status(of: operation)
    let data = outcome == .successful ? function.data(of: operation) : []
    transfer?.operation = nil
    function.release(operation)
    guard outcome == .successful else {
      let isRefused = outcome == .unsupportedRequest || outcome == .completerAbort
      return fail(isRefused ? .sourceInvalid : [], in: &fabric)
    }
    let count = data.count
    current.checksum.update(data, count: count)
    if current.kind == .copy {
      let target = current.target &+ UInt64(current.moved)
      guard function.write(address: target, data: data, count: count, in: &fabric) == .successful else {
        return fail([], in: &fabric)
      }
    }
    current.operation = nil
    current.moved += count
    transfer = current
    advance(in: &fabric)
  }

  /// Writes a piece of drawn bytes and waits for as long as the lanes are busy with it.
  private func writePiece(_ current: DMATransfer, in fabric: inout Fabric) {
    let count = current.nextCount
    let data = generator.bytes(count)
    let target = current.target &+ UInt64(current.moved)
    guard function.write(address: target, data: data, count: count, in: &fabric) == .successful,
      let port = function.port
    else { return fail([], in: &fabric) }
    transfer?.checksum.update(data, count: count)
    transfer?.moved += count
    lastTimer &+= 1
    let headers = (count / function.space.maxPayloadBytes + 1) * 16
    fabric.setTimer(
      after: fabric.configuration(ofLink: port.link).serialization(tlpBytes: count + headers),
      node: port.node, token: lastTimer)
  }

  /// Goes on with the transfer whose last piece has been written.
  public func modelTimerFired(_ token: UInt64, in fabric: inout Fabric) {
    if token == lastTimer, transfer?.kind == .write { advance(in: &fabric) }
  }

  private func complete(_ current: DMATransfer, in fabric: inout Fabric) {
    switch current.kind {
    case .read where current.checksum.value != register(DMARegister.checksum):
      return fail([], in: &fabric)
    case .write: setRegister(DMARegister.checksum, current.checksum.value)
    default: break
    }
    end(current.kind.done, in: &fabric)
  }

  private func fail(_ reason: DMAStatus, in fabric: inout Fabric) {
    guard let kind = transfer?.kind else { return }
    end(reason.union(kind.failed), in: &fabric)
  }

  /// The interrupt follows data and status: it is posted behind the writes, and STATUS is set before it.
  private func end(_ bits: DMAStatus, in fabric: inout Fabric) {
    transfer = nil
    status.formUnion(bits)
    signal(kind: register(DMARegister.interruptKind), in: &fabric)
    takeCommand(in: &fabric)
  }
}
