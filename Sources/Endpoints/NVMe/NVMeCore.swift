import LinkBroker
import PCIe

/// The state of an NVMe controller: registers, queues, commands that go on, and what namespaces hold.
struct NVMeCore: ~Copyable {
  let function: Function
  let identity: NVMeIdentity
  let namespaces: [NVMeNamespace]
  var registers = NVMeRegisters()
  /// By queue number, of which 0 is the admin queue; nil where software has made none.
  var submissions: [SubmissionQueue?]
  var completions: [CompletionQueue?]
  var arbiter = QueueArbiter()
  var slots = CommandSlots()
  var features: NVMeFeatures
  var health = NVMeHealth()
  var events = NVMeEvents()
  var transfers = NVMeTransfers()

  init(_ configuration: NVMeConfiguration, function: Function) {
    self.function = function
    identity = NVMeIdentity(configuration)
    namespaces = configuration.namespaces
    submissions = [SubmissionQueue?](repeating: nil, count: configuration.queueCount + 1)
    completions = [CompletionQueue?](repeating: nil, count: configuration.queueCount + 1)
    features = NVMeFeatures(vectors: configuration.msixVectorCount, queues: configuration.queueCount)
  }

  /// Whether commands go on.
  var isRunning: Bool {
    registers.settings.isEnabled && registers.status.intersection([.ready, .fatal]) == .ready
  }

  /// The pairs of I/O queues that the controller has.
  var queueCount: Int { submissions.count - 1 }

  /// The controller gives up: nothing goes on until software resets it.
  ///
  /// - Source: NVM Express Base 1.4, 9.5 "Controller Fatal Status Condition".
  mutating func fail() { registers.status.insert(.fatal) }
}

// What waits until nothing is under way any more.
extension NVMeCore {
  /// Ends what waits for reads and commands: a controller reset, deletions of queues, a shutdown.
  ///
  /// - Source: NVM Express Base 1.4, 3.1.6: CSTS.RDY and SHST say when the controller is done.
  mutating func settle(in fabric: inout Fabric) {
    guard registers.settings.isEnabled else {
      if transfers.underWay == 0 { registers.status = [] }
      return
    }
    guard isRunning else { return }
    for place in transfers.deletions.indices.reversed()
    where !isRead(forDeleted: transfers.deletions[place].queue) {
      complete(transfers.deletions.remove(at: place).slot, .successful, in: &fabric)
    }
    if registers.status.contains(.shutdownOccurring), slots.available == CommandSlots.count {
      for namespace in namespaces { _ = namespace.storage.flush() }
      registers.status.remove(.shutdownOccurring)
      registers.status.insert(.shutdownComplete)
    }
  }
}

// Resets.
extension NVMeCore {
  /// What every reset does: queues are gone, commands are forgotten, features have their defaults again.
  ///
  /// - Source: NVM Express Base 1.4, 7.3.2 "Controller Level Reset".
  mutating func resetController() {
    for number in submissions.indices {
      submissions[number] = nil
      completions[number] = nil
    }
    for slot in slots.entries.indices where slots.entries[slot].isActive { slots.abandon(slot) }
    transfers.sending.removeAll(keepingCapacity: true)
    transfers.deletions.removeAll()
    features.reset()
    events = NVMeEvents()
  }

  /// A function level or conventional reset: reads have ended, and all registers start anew.
  ///
  /// None of them is a loss of power, which is what the health log counts.
  mutating func resetFunction() {
    for place in transfers.purposes.indices {
      if case .none = transfers.purposes[place] { continue }
      transfers.purposes[place] = .none
      function.release(RequestOperation(index: place))
    }
    resetController()
    slots.reset()
    transfers.underWay = 0
    transfers.isBusy = false
    registers = NVMeRegisters()
  }
}
