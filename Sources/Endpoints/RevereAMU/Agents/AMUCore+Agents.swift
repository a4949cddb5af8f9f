import LinkBroker
import PCIe

// Agents at work.
extension AMUCore {
  /// Lets the agent of a context go on with its job, and with the messages that wait.
  mutating func work(_ context: Int, in fabric: inout Fabric) {
    let owner = Int(hardware[context].mapping.owner)
    guard hardware[context].isEnabled, owner >= 0, isRunning(owner) else { return }
    while true {
      switch hardware[context].phase {
      case .reading: return
      case .answering: guard answer(context) else { return }
      case .asking: advance(context, in: &fabric)
      case .idle:
        guard let socket = hardware[context].nextInput() else { return }
        hardware[context].inputs[socket].takeFirst(into: &hardware[context].job.message)
        if hardware[context].inputs[socket].count == 0 {
          hardware[context].pending &= ~(1 << UInt64(socket))
        }
        hardware[context].job.begin(socket, front: hardware[context].inputs[socket].front)
        hardware[context].phase = .asking
        wake(Int(hardware[context].inputs[socket].session))
      }
    }
  }

  /// Asks the agent until it waits for something or is done with the message.
  private mutating func advance(_ context: Int, in fabric: inout Fabric) {
    let agent = agents[context / sizes.hardwareContexts]
    let job = hardware[context].job
    while case .asking = hardware[context].phase {
      let action = agent.next(job)
      job.calls += 1
      switch action {
      case .answer: hardware[context].phase = .answering
      case .finish: hardware[context].phase = .idle
      case .read(let address, let count): read(address, count, context, in: &fabric)
      // A read of no byte pushes the writes before it: PCI Express Base 5.0, 2.2.5.1.
      case .flush(let address): read(address, 0, context, in: &fabric)
      case .write(let address): write(address, job, context, in: &fabric)
      }
    }
  }

  private mutating func read(_ address: UInt64, _ count: Int, _ context: Int, in fabric: inout Fabric) {
    hardware[context].phase = .reading
    let settings = hardware[context].settings
    read(
      address, count: count, by: Int(hardware[context].mapping.owner),
      prefix: prefix(settings.addressSpace, isUsed: settings.usesAddressSpace),
      for: .agent(hardware: context, epoch: hardware[context].epoch), in: &fabric)
  }

  private func write(_ address: UInt64, _ job: AgentJob, _ context: Int, in fabric: inout Fabric) {
    let settings = hardware[context].settings
    let stash = StashSettings(
      isEnabled: job.stash != 0, control: job.stash, target: UInt32(truncatingIfNeeded: job.stash >> 8))
    let owner = Int(hardware[context].mapping.owner)
    let marks = marks(
      prefix(settings.addressSpace, isUsed: settings.usesAddressSpace), stash: stash, of: owner)
    guard !address.addingReportingOverflow(UInt64(max(1, job.data.count) - 1)).overflow else {
      job.status = .unsupportedRequest
      return
    }
    job.status =
      job.data.isEmpty
      ? .successful
      : functions[owner].write(
        address: address, data: job.data, count: job.data.count, marks: marks, in: &fabric)
  }

  /// Puts the job's message out, in the length of the session's; false when there is no room for it yet.
  private mutating func answer(_ context: Int) -> Bool {
    let job = hardware[context].job
    let socket = job.socket
    let session = Int(hardware[context].outputs[socket].session)
    let bytes = session >= 0 ? sessions[session].settings.messageBytes : job.message.count
    hardware[context].outputs[socket].prepare(
      messageBytes: bytes, capacity: hardware[context].settings.capacity(messageBytes: bytes))
    guard hardware[context].outputs[socket].room > 0 else { return false }
    let length = hardware[context].outputs[socket].messageBytes
    if job.message.count < length {
      job.message.append(contentsOf: repeatElement(0, count: length - job.message.count))
    }
    hardware[context].outputs[socket].append(job.message, messages: 1)
    hardware[context].phase = .idle
    wake(session)
    return true
  }

  /// A read of an agent has ended: the agent is asked when the context has its turn.
  mutating func agentRead(
    _ status: RequestStatus, _ operation: RequestOperation?, of function: Int, _ context: Int,
    _ epoch: UInt32
  ) {
    guard hardware[context].epoch == epoch, case .reading = hardware[context].phase else { return }
    let job = hardware[context].job
    job.status = status
    if status == .successful, let operation {
      job.setData(functions[function].byteCount(of: operation))
      functions[function].copyData(of: operation, count: job.data.count, to: &job.data, at: 0)
    } else {
      job.setData(0)
    }
    hardware[context].phase = .asking
    wakeAgent(context)
  }
}
