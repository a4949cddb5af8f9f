/// What the faults of a schedule leave a scenario to rely on.
struct ScenarioRules: Hashable {
  /// How much software may notice of a fault.
  enum Harm: Int, Comparable {
    /// Nothing but time.
    case none
    /// A request may end in another way; data that comes is right.
    case status
    /// Data may be lost or wrong.
    case data
    /// Functions may lose their settings.
    case function

    static func < (left: Harm, right: Harm) -> Bool { left.rawValue < right.rawValue }
  }

  var harm = Harm.none
  /// Whether an interrupt may be lost.
  var losesInterrupts = false

  /// The end of a read step; the data counts up from a byte.
  func expectation(_ length: UInt64, from first: UInt8) -> String {
    let data = "data: \(ScenarioText.data(length, from: first))"
    switch harm {
    case .none: return "expect: {\(data)}"
    case .status: return "expect: {status: any, \(data)}"
    case .data, .function: return "expect: {status: any}"
    }
  }

  /// The end of a read step whose data nobody knows.
  var expectation: String { harm == .none ? "expect: {status: SC}" : "expect: {status: any}" }
}

/// Pieces of suites.
enum ScenarioText {
  static func data(_ length: UInt64, from first: UInt8) -> String {
    "{count: \(length)B\(first == 0 ? "" : ", start: \(hex(UInt64(first)))")}"
  }

  static func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
}
