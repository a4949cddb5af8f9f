import LinkBroker
import RevereInterface

// The management page of a function.
extension AMUCore {
  /// AMU_IDR.
  private var identification: UInt64 {
    let length = AMUSizes.messageLog2
    return UInt64(length.lowerBound) << 28 | UInt64(length.upperBound) << 24
      | UInt64(AMUSizes.ringLog2Max) << 19 | 1 << 18 | 1 << 17 | sizes.socketType.rawValue << 12
      | UInt64(sizes.sockets - 1) << 6
      | UInt64(sizes.sockets - 1)
  }

  /// AMU_IIDR: a number of this model.
  private var implementation: UInt64 { 0x13b5_0001 }

  func managementRegister(_ offset: Int, of function: Int) -> UInt64 {
    let interface = management[function]
    switch offset {
    case AMULayout.identification: return identification
    case AMULayout.architecture: return 3 << 4
    case AMULayout.implementation: return implementation
    case AMULayout.control: return interface.control
    case AMULayout.status: return UInt64(interface.errorState.rawValue)
    case AMULayout.receiveVector: return interface.interrupts.receiveVector
    case AMULayout.transmitVector: return interface.interrupts.transmitVector
    case AMULayout.receiveInterrupt: return interface.interrupts.raisesReceive ? 1 : 0
    case AMULayout.transmitInterrupt: return interface.interrupts.raisesTransmit ? 1 : 0
    case AMULayout.traceMode: return interface[.trace].overwrites ? 1 : 0
    case AMULayout.errorInterrupt: return interface.interrupts.error
    case AMULayout.socketBase..<AMULayout.socketBase + 64:
      // A unit of type B has the address of the table in the place of the first base, and no more.
      if hasTables { return offset == AMULayout.socketBase ? interface.table.base : 0 }
      let ring = interface.rings[(offset - AMULayout.socketBase) / 16]
      // LOG2_MSG_LENGTH is that of eight doublewords.
      return offset & 8 == 0 ? ring.base : UInt64(ring.threshold) << 9 | 3 << 5 | UInt64(ring.log2Size)
    default: return socketRegister(offset, of: function)
    }
  }

  private func socketRegister(_ offset: Int, of function: Int) -> UInt64 {
    guard let register = SocketRegister(offset - AMULayout.managementSockets, sockets: 3) else { return 0 }
    let interface = management[function]
    switch register {
    case .transmitDigest: return transmitDigest(of: function)
    case .transmitMask: return interface.interrupts.transmitMask
    case .receiveDigest: return receiveDigest(of: function)
    case .receiveMask: return interface.interrupts.receiveMask
    case .transmitRead(0): return interface[.command].read
    case .transmitWrite(0): return interface[.command].write
    case .transmitRead, .transmitWrite: return 0
    case .receiveRead(let socket): return interface.rings[socket + 1].read
    case .receiveWrite(let socket): return interface.rings[socket + 1].write
    }
  }

  mutating func setManagementRegister(
    _ offset: Int, _ value: UInt64, of function: Int, in fabric: inout Fabric
  ) {
    switch offset {
    case AMULayout.control: setControl(value, of: function, in: &fabric)
    case AMULayout.status:
      // Any write ends the error state, and what rested goes on.
      management[function].errorState = .none
      if function == 0 { trapAgain(in: &fabric) }
      serveCommands(of: function, in: &fabric)
    case AMULayout.receiveVector: management[function].interrupts.receiveVector = value & 0x7fff_ffff
    case AMULayout.transmitVector: management[function].interrupts.transmitVector = value & 0x7ff
    case AMULayout.receiveInterrupt:
      management[function].interrupts.raisesReceive = value & 1 == 1
      refreshReceive(of: function, in: &fabric)
    case AMULayout.transmitInterrupt:
      management[function].interrupts.raisesTransmit = value & 1 == 1
      refreshTransmit(of: function, in: &fabric)
    case AMULayout.traceMode:
      management[function][.trace].overwrites = value & 1 == 1
      wakeTraced(by: function)
      pump(in: &fabric)
    case AMULayout.errorInterrupt:
      management[function].interrupts.error = value & (1 << 63 | 0x7fff_ffff)
    case AMULayout.socketBase..<AMULayout.socketBase + 64:
      setSocket((offset - AMULayout.socketBase) / 16, isControl: offset & 8 != 0, value, of: function)
      if offset >= AMULayout.socketBase + 48 {
        wakeTraced(by: function)
        pump(in: &fabric)
      }
    default: setSocketRegister(offset, value, of: function, in: &fabric)
    }
  }

  /// AMU_CR: the physical function's AMU_EN and VF_TRACE_EN are not there in a virtual one.
  private mutating func setControl(_ value: UInt64, of function: Int, in fabric: inout Fabric) {
    let own: UInt64 = 1 << 17 | 1 << 18
    management[function].control = value & (function == 0 ? own | 3 : own)
    // What is not traced any more waits for no trace ring.
    for each in function == 0 ? functions.indices : function..<function + 1 { wakeTraced(by: each) }
    defer { pump(in: &fabric) }
    guard function == 0 else { return }
    let wasEnabled = isEnabled
    isEnabled = value & 1 == 1
    if isEnabled, !wasEnabled {
      wakeAll()
      for each in functions.indices { serveCommands(of: each, in: &fabric) }
    } else if wasEnabled, !isEnabled {
      // The sockets of management start anew when the unit is enabled again.
      for each in functions.indices { management[each].restart() }
      stopFetching(sessions.indices.filter { sessions[$0].isOpen })
    }
  }

  /// A size over the maximum becomes the maximum.
  private mutating func setSocket(_ socket: Int, isControl: Bool, _ value: UInt64, of function: Int) {
    guard !hasTables else {
      if socket == 0, !isControl { management[function].table.base = value & ~31 }
      return
    }
    guard isControl else {
      management[function].rings[socket].base = value
      return
    }
    management[function].rings[socket].threshold = UInt8(value >> 9 & 15)
    management[function].rings[socket].log2Size = UInt8(min(value & 31, UInt64(AMUSizes.ringLog2Max)))
  }

  private mutating func setSocketRegister(
    _ offset: Int, _ value: UInt64, of function: Int, in fabric: inout Fabric
  ) {
    switch SocketRegister(offset - AMULayout.managementSockets, sockets: 3) {
    case .transmitMask:
      let released = management[function].interrupts.transmitMask & ~value
      management[function].interrupts.transmitMask = value
      if released & 1 != 0 { refreshTransmit(of: function, isAcknowledged: true, in: &fabric) }
    case .receiveMask:
      let released = management[function].interrupts.receiveMask & ~value
      management[function].interrupts.receiveMask = value
      if released & receiveDigest(of: function) != 0 {
        refreshReceive(of: function, isAcknowledged: true, in: &fabric)
      }
    case .transmitWrite(0):
      if !isDescribed(function) {
        // How large the ring is the table will say.
        management[function][.command].write = value
      } else if !management[function][.command].advanceWrite(to: value) {
        return setError(.commandFault, of: function, in: &fabric)
      }
      refreshTransmit(of: function, in: &fabric)
      serveCommands(of: function, in: &fabric)
    case .receiveRead(let socket):
      guard management[function].rings[socket + 1].advanceRead(to: value) else {
        let faults: [InterfaceErrorState] = [.responseFault, .exceptionFault, .traceFault]
        return setError(faults[socket], of: function, in: &fabric)
      }
      refreshReceive(of: function, isAcknowledged: true, in: &fabric)
      if socket == 1, function == 0 { trapAgain(in: &fabric) }
      if socket == 2 {
        wakeTraced(by: function)
        pump(in: &fabric)
      }
    default: break
    }
  }
}
