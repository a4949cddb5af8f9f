/// A physical AMI-SW, to whichever function it is mapped; its sockets stand with those of all others.
struct SoftwareContext: Sendable {
  var settings = ContextSettings()
  var mapping = ContextMapping()
  var isEnabled = false
  var transmitDigest: UInt64 = 0
  var transmitMask: UInt64 = 0
  var receiveDigest: UInt64 = 0
  var receiveMask: UInt64 = 0

  /// All but the mapping starts anew.
  mutating func reset() {
    let mapping = mapping
    self = SoftwareContext()
    self.mapping = mapping
  }
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
