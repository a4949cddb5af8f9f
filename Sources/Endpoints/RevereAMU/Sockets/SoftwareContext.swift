/// A physical AMI-SW, to whichever function it is mapped; its sockets stand with those of all others.
struct SoftwareContext: Sendable {
  var settings = ContextSettings()
  var mapping = ContextMapping()
  var isEnabled = false
  /// Its table is being read, in a unit of type B; then it is enabled.
  var isDescribing = false
  /// Tells the read apart from those of before a reset.
  var tableEpoch: UInt32 = 0
  var transmitDigest: UInt64 = 0
  var transmitMask: UInt64 = 0
  var receiveDigest: UInt64 = 0
  var receiveMask: UInt64 = 0

  /// All but the mapping starts anew.
  mutating func reset() {
    let (mapping, epoch) = (mapping, tableEpoch)
    self = SoftwareContext()
    (self.mapping, tableEpoch) = (mapping, epoch)
  }

  /// Settings may not change now.
  var isBusy: Bool { isEnabled || isDescribing }
}

/// What F_AMI_SW_CONFIGURE sets.
struct ContextSettings: Sendable {
  var addressSpace: UInt32 = 0
  var usesAddressSpace = false
  var transmitVector: UInt16 = 0
  var raisesTransmit = false
  var receiveVector: UInt16 = 0
  var raisesReceive = false
  /// TYPEB_TBL_BASE: the page that the table of a unit of type B stands in.
  var tableBase: UInt64 = 0
}
