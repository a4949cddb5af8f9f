import PCIe

/// One flow control counter pair as both ends of a direction keep it: headers modulo 256, data modulo 4096.
///
/// - Source: PCI Express Base 5.0, 2.6.1 "Flow Control Rules"; Field Size 8 for headers and 12 for data.
struct CreditCounter: Hashable, Sendable {
  var headers: UInt8 = 0
  /// 12 bits.
  var data: UInt16 = 0

  static let dataMask: UInt16 = 0xfff

  @inline(__always)
  mutating func add(headers more: UInt8, data amount: UInt16) {
    headers &+= more
    data = (data &+ amount) & Self.dataMask
  }

  /// How far another counter is ahead of this one.
  @inline(__always)
  func distance(to other: CreditCounter) -> (headers: UInt8, data: UInt16) {
    (other.headers &- headers, (other.data &- data) & Self.dataMask)
  }

  /// The most that one side may be ahead of the other; beyond it the difference is read as negative.
  static let headersMax: UInt8 = 127
  static let dataMax: UInt16 = 2047
}
