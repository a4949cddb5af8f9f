public import PCIe

extension LinkSpeed {
  /// The spelling in suites, such as `8GT/s`.
  public var suiteText: String {
    switch self {
    case .gt2Point5: "2.5GT/s"
    case .gt5: "5GT/s"
    case .gt8: "8GT/s"
    case .gt16: "16GT/s"
    case .gt32: "32GT/s"
    case .gt64: "64GT/s"
    }
  }

  /// All spellings, slowest first.
  static let suiteTexts = allCases.map(\.suiteText)

  /// Reads a spelling of suites.
  static func read(_ text: String) throws(Message) -> LinkSpeed {
    guard let speed = allCases.first(where: { $0.suiteText == text }) else {
      throw .choice("link speed", text, suiteTexts)
    }
    return speed
  }
}
