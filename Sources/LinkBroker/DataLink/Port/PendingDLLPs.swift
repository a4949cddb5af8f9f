import PCIe

/// The DLLPs that a port has to send as soon as the lanes are free.
struct PendingDLLPs: OptionSet, Sendable {
  var rawValue: UInt8

  static let nak = PendingDLLPs(rawValue: 1 << 0)
  static let ack = PendingDLLPs(rawValue: 1 << 1)

  static let initialization: PendingDLLPs = [
    initializing(.posted), initializing(.nonPosted), initializing(.completion),
  ]

  @inline(__always)
  static func updating(_ flowControlClass: FlowControlClass) -> PendingDLLPs {
    PendingDLLPs(rawValue: 4 << flowControlClass.rawValue)
  }

  @inline(__always)
  static func initializing(_ flowControlClass: FlowControlClass) -> PendingDLLPs {
    PendingDLLPs(rawValue: 32 << flowControlClass.rawValue)
  }
}
