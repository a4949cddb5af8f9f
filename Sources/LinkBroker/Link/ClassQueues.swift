import PCIe

/// What waits to be sent, in a queue for each flow control class.
struct ClassQueues: Sendable {
  private(set) var posted = TransmitQueue()
  private(set) var nonPosted = TransmitQueue()
  private(set) var completion = TransmitQueue()

  /// The TLPs in all three.
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  mutating func append(_ tlp: FabricTLP) {
    count += 1
    switch tlp.flowControlClass {
    case .posted: posted.append(tlp)
    case .nonPosted: nonPosted.append(tlp)
    case .completion: completion.append(tlp)
    }
  }

  /// Adds a TLP that is older than all others of its class.
  mutating func prepend(_ tlp: FabricTLP) {
    count += 1
    switch tlp.flowControlClass {
    case .posted: posted.prepend(tlp)
    case .nonPosted: nonPosted.prepend(tlp)
    case .completion: completion.prepend(tlp)
    }
  }

  mutating func removeFirst(_ flowControlClass: FlowControlClass) -> FabricTLP {
    count -= 1
    return switch flowControlClass {
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
