import PCIe

/// The flow control of a receiver for one class: what it has granted, what has come, what it has told.
///
/// - Source: PCI Express Base 5.0, 2.6.1.2 "FC Information Tracked by Receiver".
struct CreditReceiver: Sendable {
  /// CREDITS_ALLOCATED.
  private(set) var allocated = CreditCounter()
  /// CREDITS_RECEIVED.
  private(set) var received = CreditCounter()
  /// CREDITS_ALLOCATED as the last DLLP told it.
  private(set) var told = CreditCounter()
  let isInfinite: Bool
  /// What the receiver has at most.
  private let initial: CreditCounter

  /// Begins with what a receiver advertises, capped to what the DLLPs can say without scaling.
  init(_ amount: CreditPool.Amount) {
    isInfinite = amount.isInfinite
    initial =
      isInfinite
      ? CreditCounter()
      : CreditCounter(
        headers: UInt8(clamping: min(amount.headers, Int32(CreditCounter.headersMax))),
        data: UInt16(clamping: min(amount.data, Int32(CreditCounter.dataMax))))
    allocated = initial
    told = initial
  }

  /// Takes a TLP in.
  ///
  /// - Returns: false when it needs more than was granted.
  /// - Source: PCI Express Base 5.0, 2.6.1.2: the receiver overflow check.
  @inline(__always)
  mutating func take(data: UInt16) -> Bool {
    guard !isInfinite else { return true }
    received.add(headers: 1, data: data)
    let left = received.distance(to: allocated)
    if left.headers <= CreditCounter.headersMax, left.data <= CreditCounter.dataMax { return true }
    // A TLP that is dropped occupies nothing.
    received.add(headers: .max, data: CreditCounter.dataMask &- data &+ 1)
    return false
  }

  /// Grants the space of a TLP that has left the buffer.
  ///
  /// - Returns: whether the transmitter is so short of credits that it is told at once.
  @inline(__always)
  mutating func giveBack(data: UInt16, largestData: UInt16) -> Bool {
    guard !isInfinite else { return false }
    allocated.add(headers: 1, data: data)
    let known = received.distance(to: told)
    return known.headers <= initial.headers / 2 || known.data <= max(initial.data / 2, largestData)
  }

  /// Whether a DLLP would tell the transmitter something new.
  @inline(__always)
  var hasNews: Bool { told != allocated }

  /// The content of the next UpdateFC.
  mutating func tell() -> CreditCounter {
    told = allocated
    return allocated
  }
}
