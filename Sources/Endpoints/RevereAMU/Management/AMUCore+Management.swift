import LinkBroker
import PCIe
import RevereInterface

// The management sockets of a function.
extension AMUCore {
  /// Serves the commands of a function as far as it can go without waiting.
  mutating func serveCommands(of function: Int, in fabric: inout Fabric) {
    guard isRunning(function), management[function].errorState == .none else { return }
    if case .answering = management[function].stage {
      _ = deliverResponse(of: function, in: &fabric)
      return
    }
    guard case .idle = management[function].stage else { return }
    let ring = management[function][.command]
    guard ring.waiting > 0 else { return }
    guard isDescribed(function) else { return describeManagement(of: function, in: &fabric) }
    guard ring.isSound else { return setError(.commandFault, of: function, in: &fabric) }
    let response = management[function][.response]
    guard response.isSound else { return setError(.responseFault, of: function, in: &fabric) }
    // Looked at before, so that no command is done whose response is lost.
    guard response.free > 0 else { return setError(.responseFull, of: function, in: &fabric) }
    guard let address = slot(of: ring, ring.read) else {
      return setError(.commandFault, of: function, in: &fabric)
    }
    management[function].stage = .fetching
    read(
      address, count: RevereInterface.messageBytes, by: function,
      for: .command(epoch: management[function].epoch), in: &fabric)
  }

  /// Where a management message stands: rings are aligned to doublewords.
  private func slot(of ring: SocketRing, _ index: UInt64) -> UInt64? {
    guard ring.base & 7 == 0 else { return nil }
    return ring.address(of: index, messageBytes: RevereInterface.messageBytes)
  }

  mutating func commandFetched(
    _ status: RequestStatus, _ operation: RequestOperation?, of function: Int, in fabric: inout Fabric
  ) {
    guard case .fetching = management[function].stage else { return }
    guard status == .successful, let operation else {
      management[function].stage = .idle
      return setError(.commandFault, of: function, in: &fabric)
    }
    var message = [UInt8](repeating: 0, count: RevereInterface.messageBytes)
    functions[function].copyData(of: operation, count: message.count, to: &message, at: 0)
    if function > 0, management[function].isTrapping {
      management[function].stage = .trapping(message)
      return trap(of: function, in: &fabric)
    }
    execute(message, of: function, in: &fabric)
  }

  /// The command at the head of the ring is done; false when its response could not be written yet.
  @discardableResult
  mutating func finishCommand(_ response: [UInt8], of function: Int, in fabric: inout Fabric) -> Bool {
    management[function].stage = .answering(response)
    return deliverResponse(of: function, in: &fabric)
  }

  /// The command at the head of the ring makes no sense: it has no response, but an error state.
  mutating func dropCommand(of function: Int, in fabric: inout Fabric) {
    leaveCommand(of: function, in: &fabric)
    setError(.invalidCommand, of: function, in: &fabric)
  }

  /// Writes the response, then moves the read index; a command that could not be answered is not done again.
  private mutating func deliverResponse(of function: Int, in fabric: inout Fabric) -> Bool {
    guard case .answering(let response) = management[function].stage,
      post(response, to: .response, of: function, in: &fabric)
    else { return false }
    leaveCommand(of: function, in: &fabric)
    serveCommands(of: function, in: &fabric)
    return true
  }

  private mutating func leaveCommand(of function: Int, in fabric: inout Fabric) {
    management[function].stage = .idle
    management[function][.command].read &+= 1
    refreshTransmit(of: function, in: &fabric)
  }

  /// Writes a message into a receiving management ring; false when that could not be.
  @discardableResult
  mutating func post(
    _ message: [UInt8], to socket: ManagementInterface.Socket, of function: Int, in fabric: inout Fabric
  ) -> Bool {
    guard isDescribed(function) else {
      setError(.managementTableFault, of: function, in: &fabric)
      return false
    }
    let ring = management[function][socket]
    guard ring.isConfigured, ring.isSound, let address = slot(of: ring, ring.write) else {
      setError(fault(of: socket), of: function, in: &fabric)
      return false
    }
    if ring.free == 0 {
      guard ring.overwrites else {
        if socket != .trace {
          setError(socket == .response ? .responseFull : .exceptionFull, of: function, in: &fabric)
        }
        return false
      }
      management[function][socket].read &+= 1
    }
    guard
      functions[function].write(address: address, data: message, count: message.count, in: &fabric)
        == .successful
    else {
      setError(fault(of: socket), of: function, in: &fabric)
      return false
    }
    management[function][socket].write &+= 1
    refreshReceive(of: function, in: &fabric)
    return true
  }

  private func fault(of socket: ManagementInterface.Socket) -> InterfaceErrorState {
    switch socket {
    case .command: .commandFault
    case .response: .responseFault
    case .exception: .exceptionFault
    case .trace: .traceFault
    }
  }

  /// Enters an error state, in which the function's commands rest; the first one stays.
  mutating func setError(_ state: InterfaceErrorState, of function: Int, in fabric: inout Fabric) {
    guard management[function].errorState == .none else { return }
    management[function].errorState = state
    let control = management[function].interrupts.error
    if control >> 63 == 1 { _ = raise(control & 0x7fff_ffff, of: function, in: &fabric) }
  }

  /// Sends an exception to a function; false when it cannot take any.
  @discardableResult
  mutating func post(_ exception: ExceptionMessage, to function: Int, in fabric: inout Fabric) -> Bool {
    guard isRunning(function) else { return false }
    return post(exception.bytes, to: .exception, of: function, in: &fabric)
  }
}

// Digests of the management sockets.
extension AMUCore {
  /// The bit of each receiving socket that has messages, as MGT_RX_DIGEST shows them.
  func receiveDigest(of function: Int) -> UInt64 {
    (1...3).reduce(0) { $0 | (management[function].rings[$1].hasMessages ? 1 << UInt64($1 - 1) : 0) }
  }

  func transmitDigest(of function: Int) -> UInt64 { management[function][.command].hasRoom ? 1 : 0 }

  /// Interrupts for the bits that have risen, or for all that are set when software has said it is done.
  mutating func refreshReceive(of function: Int, isAcknowledged: Bool = false, in fabric: inout Fabric) {
    let digest = receiveDigest(of: function)
    let interrupts = management[function].interrupts
    let risen = isAcknowledged ? digest : digest & ~interrupts.receiveDigest
    management[function].interrupts.receiveDigest = digest
    guard risen & ~interrupts.receiveMask != 0, interrupts.raisesReceive else { return }
    _ = raise(interrupts.receiveVector, of: function, in: &fabric)
  }

  mutating func refreshTransmit(of function: Int, isAcknowledged: Bool = false, in fabric: inout Fabric) {
    let digest = transmitDigest(of: function)
    let interrupts = management[function].interrupts
    let risen = isAcknowledged ? digest : digest & ~interrupts.transmitDigest
    management[function].interrupts.transmitDigest = digest
    guard risen & ~interrupts.transmitMask != 0, interrupts.raisesTransmit else { return }
    _ = raise(interrupts.transmitVector, of: function, in: &fabric)
  }
}
