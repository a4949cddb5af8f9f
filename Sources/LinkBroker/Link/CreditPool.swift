public import PCIe
import Simulation

/// The credits that one side of a link may still use, by flow control class.
///
/// - Units: header credits count TLPs, data credits count four DWs.
/// - Source: PCI Express Base 5.0, 2.6.1 "Flow Control Rules".
public struct CreditPool: Hashable, Sendable {
  /// Credits of one class.
  public struct Amount: Hashable, Sendable {
    public var headers: Int32
    public var data: Int32

    public init(headers: Int32, data: Int32) {
      self.headers = headers
      self.data = data
    }

    /// Takes the credits of one TLP; false when there are too few.
    @inline(__always)
    mutating func take(data needed: Int32) -> Bool {
      guard headers > 0, data >= needed else { return false }
      if isInfinite { return true }
      headers -= 1
      data -= needed
      return true
    }

    @inline(__always)
    mutating func give(data given: Int32) {
      if isInfinite { return }
      headers += 1
      data += given
    }

    /// What a receiver that never runs out advertises.
    public static let infinite = Amount(headers: .max, data: .max)
    /// Whether the receiver takes everything at once.
    public var isInfinite: Bool { headers == .max }
  }

  public var posted: Amount
  public var nonPosted: Amount
  public var completion: Amount

  public init(posted: Amount, nonPosted: Amount, completion: Amount) {
    self.posted = posted
    self.nonPosted = nonPosted
    self.completion = completion
  }

  /// The credits of one class.
  public subscript(flowControlClass: FlowControlClass) -> Amount {
    get {
      switch flowControlClass {
      case .posted: posted
      case .nonPosted: nonPosted
      case .completion: completion
      }
    }
    set {
      switch flowControlClass {
      case .posted: posted = newValue
      case .nonPosted: nonPosted = newValue
      case .completion: completion = newValue
      }
    }
  }

  /// The data credits that a payload takes.
  public static func data(payloadBytes: Int) -> Int32 { Int32(truncatingIfNeeded: (payloadBytes + 15) >> 4) }

  /// Whether a TLP of a class fits.
  @inline(__always)
  func admits(_ flowControlClass: FlowControlClass, data: Int32) -> Bool {
    let amount = self[flowControlClass]
    return amount.headers > 0 && amount.data >= data
  }

  @inline(__always)
  mutating func take(_ flowControlClass: FlowControlClass, data: Int32) {
    guard !self[flowControlClass].isInfinite else { return }
    self[flowControlClass].headers -= 1
    self[flowControlClass].data -= data
  }

  /// Takes the credits of one TLP; false when there are too few.
  @inline(__always)
  mutating func takeAdmitted(_ flowControlClass: FlowControlClass, data: Int32) -> Bool {
    switch flowControlClass {
    case .posted: posted.take(data: data)
    case .nonPosted: nonPosted.take(data: data)
    case .completion: completion.take(data: data)
    }
  }

  @inline(__always)
  mutating func give(_ flowControlClass: FlowControlClass, data: Int32) {
    switch flowControlClass {
    case .posted: posted.give(data: data)
    case .nonPosted: nonPosted.give(data: data)
    case .completion: completion.give(data: data)
    }
  }
}

extension CreditPool {
  /// The non-posted requests that a receiver takes by default, as common devices do.
  static let nonPostedHeaders: Int32 = 32

  /// What a receiver advertises by default: posted credits enough to keep its link full over a credit's round
  /// trip.
  ///
  /// End points and root ports advertise infinite completion credits, for they asked for what comes.
  /// - Source: PCI Express Base 5.0, 2.6.1 table 2-46 "Minimum Initial Flow Control Advertisements".
  public static func advertised(for link: LinkConfiguration, infiniteCompletions: Bool) -> CreditPool {
    let smallest = link.serialization(tlpBytes: 12 + 128).picoseconds
    // A latency of a second needs more credits than any receiver has; beyond it the link is not kept full.
    let latency = min(link.latency, .seconds(1)).picoseconds
    let roundTrip = 2 * latency + 4 * link.serialization(tlpBytes: 16 + 4096).picoseconds
    let headers = Int32(clamping: max(32, roundTrip / max(1, smallest) + 8))
    let data = Int32(clamping: max(Int(headers) * 8, 8 * link.maxPayloadBytes / 16))
    let finite = Amount(headers: headers, data: data)
    return CreditPool(
      posted: finite, nonPosted: Amount(headers: nonPostedHeaders, data: nonPostedHeaders),
      completion: infiniteCompletions ? .infinite : finite)
  }
}
