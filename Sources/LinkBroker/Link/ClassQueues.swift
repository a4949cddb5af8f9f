import PCIe

/// What waits to be sent, in a queue for each flow control class.
struct ClassQueues: Sendable {
  var posted = TransmitQueue()
  var nonPosted = TransmitQueue()
  var completion = TransmitQueue()

  var isEmpty: Bool { posted.isEmpty && nonPosted.isEmpty && completion.isEmpty }

  mutating func append(_ tlp: FabricTLP, _ flowControlClass: FlowControlClass) {
    switch flowControlClass {
    case .posted: posted.append(tlp)
    case .nonPosted: nonPosted.append(tlp)
    case .completion: completion.append(tlp)
    }
  }

  mutating func removeFirst(_ flowControlClass: FlowControlClass) -> FabricTLP {
    switch flowControlClass {
    case .posted: posted.removeFirst()
    case .nonPosted: nonPosted.removeFirst()
    case .completion: completion.removeFirst()
    }
  }

  /// Takes any waiting TLP, nil when none waits.
  mutating func takeAny() -> FabricTLP? {
    for flowControlClass in [FlowControlClass.posted, .nonPosted, .completion]
    where !isEmpty(flowControlClass) {
      return removeFirst(flowControlClass)
    }
    return nil
  }

  private func isEmpty(_ flowControlClass: FlowControlClass) -> Bool {
    switch flowControlClass {
    case .posted: posted.isEmpty
    case .nonPosted: nonPosted.isEmpty
    case .completion: completion.isEmpty
    }
  }
}
