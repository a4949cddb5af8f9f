/// A physical AMI-SW: sockets for software, to whichever function it is mapped.
struct SoftwareContext: Sendable {
  var settings = ContextSettings()
  var mapping = ContextMapping()
  var isEnabled = false
  var transmit: [SocketRing]
  var receive: [SocketRing]
  var transmitDigest: UInt64 = 0
  var transmitMask: UInt64 = 0
  var receiveDigest: UInt64 = 0
  var receiveMask: UInt64 = 0

  init(sockets: Int) {
    transmit = [SocketRing](repeating: SocketRing(), count: sockets)
    receive = transmit
  }

  /// All but the mapping and the sessions starts anew.
  mutating func reset() {
    settings = ContextSettings()
    isEnabled = false
    (transmitDigest, transmitMask, receiveDigest, receiveMask) = (0, 0, 0, 0)
    for socket in transmit.indices {
      let sessions = (transmit[socket].session, receive[socket].session)
      (transmit[socket], receive[socket]) = (SocketRing(), SocketRing())
      (transmit[socket].session, receive[socket].session) = sessions
    }
  }

  /// The sessions of all sockets.
  var sessions: [Int] { (transmit + receive).filter { $0.session >= 0 }.map { Int($0.session) } }
}

/// What F_AMI_SW_CONFIGURE sets.
struct ContextSettings: Sendable {
  var addressSpace: UInt32 = 0
  var usesAddressSpace = false
  var transmitVector: UInt16 = 0
  var raisesTransmit = false
  var receiveVector: UInt16 = 0
  var raisesReceive = false
  /// TYPEB_TBL_BASE, kept and given back; a type A unit has no use for it.
  var tableBase: UInt64 = 0
}
