import PCIe

/// The flow control counters of one end of a link, by class.
struct PortCredits: Sendable {
  var receive: InlineArray<3, CreditReceiver>
  var transmit = InlineArray<3, CreditTransmitter>(repeating: CreditTransmitter())

  init(_ advertised: CreditPool) {
    receive = [
      CreditReceiver(advertised.posted), CreditReceiver(advertised.nonPosted),
      CreditReceiver(advertised.completion),
    ]
  }

  /// Whether the partner has advertised all classes.
  var isInitialized: Bool {
    transmit[0].isInitialized && transmit[1].isInitialized && transmit[2].isInitialized
  }

  /// The DLLP that tells the partner what it may send.
  mutating func dllp(_ phase: FlowControlDLLP.Phase, _ flowControlClass: FlowControlClass) -> FlowControlDLLP
  {
    let content = receive[Int(flowControlClass.rawValue)].tell()
    return FlowControlDLLP(
      phase, flowControlClass, headerCredits: content.headers, dataCredits: content.data)
  }
}
