public import PCIe

/// Why an endpoint cannot be built as described.
public enum EndpointError: Error, Hashable, Sendable {
  case configurationSpace(ConfigurationSpaceError)
  /// Every BAR is taken and the MSI-X table has none to stand in.
  case noBarForMSIX
  /// The BAR that must hold the registers is missing, of the wrong kind or too small.
  case registerBar(bytesMin: Int)
  /// The contents of a BAR have more bytes than the BAR.
  case contentsTooLong(bar: Int, bytes: Int, barBytes: UInt64)
  case barTooLarge(bar: Int, barBytes: UInt64)
  case vectorCount(Int, allowed: ClosedRange<Int>)
  /// A number of things that the model is made of.
  case resource(String, Int, allowed: ClosedRange<Int>)
}

extension EndpointError: CustomStringConvertible {
  /// What is wrong, the value seen and what is allowed, for a person.
  public var description: String {
    switch self {
    case .configurationSpace(let error): error.description
    case .noBarForMSIX: "no BAR is left for the MSI-X table; leave one of bar0 to bar5 free"
    case .registerBar(let bytesMin):
      "bar0 holds the registers; it must be a writable memory BAR of at least \(bytesMin) bytes"
    case .contentsTooLong(let bar, let bytes, let barBytes):
      "the contents of bar\(bar) are \(bytes) bytes long; the BAR has \(barBytes)"
    case .barTooLarge(let bar, let barBytes):
      "bar\(bar) has \(barBytes) bytes; this model keeps at most \(BarMemory.byteCountMax)"
    case .vectorCount(let count, let allowed):
      "\(count) MSI-X vectors; allowed are \(allowed.lowerBound) to \(allowed.upperBound)"
    case .resource(let name, let count, let allowed):
      "\(count) \(name); allowed are \(allowed.lowerBound) to \(allowed.upperBound)"
    }
  }
}
