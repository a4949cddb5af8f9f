import PCIe

/// The flow control of a transmitter for one class.
///
/// - Source: PCI Express Base 5.0, 2.6.1.1 "FC Information Tracked by Transmitter".
struct CreditTransmitter: Sendable {
  /// CREDITS_CONSUMED.
  private(set) var consumed = CreditCounter()
  /// CREDIT_LIMIT.
  private(set) var limit = CreditCounter()
  /// Whether header and data credits were advertised as infinite, by zero in the InitFC DLLPs.
  private var hasInfiniteHeaders = true
  private var hasInfiniteData = true
  private(set) var isInitialized = false

  /// The smallest advertisement of header credits that the specification allows, and of data credits.
  ///
  /// - Source: PCI Express Base 5.0, 2.6.1 table 2-46 "Minimum Initial Flow Control Advertisements".
  static func minimum(_ flowControlClass: FlowControlClass, maxPayloadBytes: Int) -> CreditCounter {
    switch flowControlClass {
    case .nonPosted: CreditCounter(headers: 1, data: 1)
    case .posted, .completion:
      CreditCounter(headers: 1, data: UInt16(truncatingIfNeeded: maxPayloadBytes / 16))
    }
  }

  /// Takes the advertisement of an InitFC DLLP; the first one counts.
  ///
  /// - Returns: false when it is below the least that is allowed.
  mutating func initialize(_ content: CreditCounter, minimum: CreditCounter) -> Bool {
    if isInitialized { return true }
    isInitialized = true
    limit = content
    hasInfiniteHeaders = content.headers == 0
    hasInfiniteData = content.data == 0
    return (hasInfiniteHeaders || content.headers >= minimum.headers)
      && (hasInfiniteData || content.data >= minimum.data)
  }

  /// Takes the content of an UpdateFC DLLP.
  ///
  /// - Returns: false when it breaks the rules, and then it changes nothing.
  /// - Source: PCI Express Base 5.0, 2.6.1: an infinite advertisement stays zero, and never more than 127
  ///   header and 2047 data credits are outstanding.
  @inline(__always)
  mutating func update(_ content: CreditCounter) -> Bool {
    if hasInfiniteHeaders, content.headers != 0 { return false }
    if hasInfiniteData, content.data != 0 { return false }
    let left = consumed.distance(to: content)
    if !hasInfiniteHeaders, left.headers > CreditCounter.headersMax { return false }
    if !hasInfiniteData, left.data > CreditCounter.dataMax { return false }
    limit = content
    return true
  }

  @inline(__always)
  mutating func take(data: UInt16) {
    if !hasInfiniteHeaders { consumed.headers &+= 1 }
    if !hasInfiniteData { consumed.data = (consumed.data &+ data) & CreditCounter.dataMask }
  }

  /// What may still be sent.
  @inline(__always)
  var left: CreditPool.Amount {
    let left = consumed.distance(to: limit)
    return CreditPool.Amount(
      headers: hasInfiniteHeaders ? .max : Int32(left.headers),
      data: hasInfiniteData ? .max : Int32(left.data))
  }
}
