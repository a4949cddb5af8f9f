import LinkBroker

// Indexes and digests of software contexts.
extension AMUCore {
  /// Software rings the doorbell of a transmitting socket; in a disabled context it puts an index back.
  @inline(__always)
  mutating func writeTransmitIndex(
    _ index: UInt64, _ context: Int, _ socket: Int, in fabric: inout Fabric
  ) {
    guard software[context].isEnabled else {
      sockets[place(context, socket)].transmit.write = index
      return
    }
    guard sockets[place(context, socket)].transmit.isConfigured,
      sockets[place(context, socket)].transmit.advanceWrite(to: index)
    else {
      ringFault(context, socket, in: &fabric)
      return pump(in: &fabric)
    }
    refreshTransmit(context, socket, isAcknowledged: false, in: &fabric)
    wake(Int(sockets[place(context, socket)].transmit.session))
    pump(in: &fabric)
  }

  /// Software has taken messages of a receiving socket; in a disabled context it puts an index back.
  @inline(__always)
  mutating func writeReceiveIndex(
    _ index: UInt64, _ context: Int, _ socket: Int, in fabric: inout Fabric
  ) {
    guard software[context].isEnabled else {
      sockets[place(context, socket)].receive.read = index
      return
    }
    guard sockets[place(context, socket)].receive.advanceRead(to: index) else {
      ringFault(context, socket, in: &fabric)
      return pump(in: &fabric)
    }
    refreshReceive(context, socket, isAcknowledged: true, in: &fabric)
    wake(Int(sockets[place(context, socket)].receive.session))
    pump(in: &fabric)
  }

  /// The ring makes no sense, or could not be reached: the context stops, its owner is told, nobody else is.
  mutating func ringFault(_ context: Int, _ socket: Int, in fabric: inout Fabric) {
    software[context].isEnabled = false
    stopFetching(sessions(ofSoftware: context))
    guard software[context].mapping.owner >= 0 else { return }
    var exception = ExceptionMessage("E_F_AMI_RING_FAULT")
    exception.set("AMI_ID", Int(software[context].mapping.number))
    exception.set("AMS_ID", socket)
    post(exception, to: Int(software[context].mapping.owner), in: &fabric)
  }

  mutating func refreshDigests(_ context: Int, _ socket: Int, in fabric: inout Fabric) {
    if sockets[place(context, socket)].transmit.isConfigured { refreshTransmit(context, socket, in: &fabric) }
    if sockets[place(context, socket)].receive.isConfigured { refreshReceive(context, socket, in: &fabric) }
  }

  /// The digest bit follows the ring; a bit that rises, or that stays when software has said it is
  /// done, raises the interrupt unless the mask holds it back.
  @inline(__always)
  mutating func refreshReceive(
    _ context: Int, _ socket: Int, isAcknowledged: Bool = false, in fabric: inout Fabric
  ) {
    let bit: UInt64 = 1 << UInt64(socket)
    let wasSet = software[context].receiveDigest & bit != 0
    guard sockets[place(context, socket)].receive.hasMessages else {
      if wasSet { software[context].receiveDigest &= ~bit }
      return
    }
    software[context].receiveDigest |= bit
    if !wasSet || isAcknowledged, software[context].receiveMask & bit == 0 {
      raiseReceive(context, in: &fabric)
    }
  }

  @inline(__always)
  mutating func refreshTransmit(
    _ context: Int, _ socket: Int, isAcknowledged: Bool = false, in fabric: inout Fabric
  ) {
    let bit: UInt64 = 1 << UInt64(socket)
    let wasSet = software[context].transmitDigest & bit != 0
    guard sockets[place(context, socket)].transmit.hasRoom else {
      if wasSet { software[context].transmitDigest &= ~bit }
      return
    }
    software[context].transmitDigest |= bit
    if !wasSet || isAcknowledged, software[context].transmitMask & bit == 0 {
      raiseTransmit(context, in: &fabric)
    }
  }

  /// Software has changed a mask: what is set and no longer held back raises its interrupt.
  mutating func setReceiveMask(_ mask: UInt64, _ context: Int, in fabric: inout Fabric) {
    let released = software[context].receiveMask & ~mask
    software[context].receiveMask = mask
    if software[context].receiveDigest & released != 0 { raiseReceive(context, in: &fabric) }
  }

  mutating func setTransmitMask(_ mask: UInt64, _ context: Int, in fabric: inout Fabric) {
    let released = software[context].transmitMask & ~mask
    software[context].transmitMask = mask
    if software[context].transmitDigest & released != 0 { raiseTransmit(context, in: &fabric) }
  }

  private mutating func raiseReceive(_ context: Int, in fabric: inout Fabric) {
    let settings = software[context].settings
    guard settings.raisesReceive else { return }
    raise(settings.receiveVector, context, isReceive: true, in: &fabric)
  }

  private mutating func raiseTransmit(_ context: Int, in fabric: inout Fabric) {
    let settings = software[context].settings
    guard settings.raisesTransmit else { return }
    raise(settings.transmitVector, context, isReceive: false, in: &fabric)
  }

  private mutating func raise(
    _ vector: UInt16, _ context: Int, isReceive: Bool, in fabric: inout Fabric
  ) {
    let owner = Int(software[context].mapping.owner)
    guard owner >= 0, !raise(UInt64(vector), of: owner, in: &fabric) else { return }
    var exception = ExceptionMessage("E_F_AMI_RING_INVALID_VECTOR")
    exception.set("AMI_ID", Int(software[context].mapping.number))
    exception.set("VECTOR_TYPE", isReceive ? 0 : 1)
    post(exception, to: owner, in: &fabric)
  }
}
