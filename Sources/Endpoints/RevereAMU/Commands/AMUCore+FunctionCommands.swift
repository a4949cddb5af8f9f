import LinkBroker
import PCIe
import RevereInterface

// Commands about the unit and its functions.
extension AMUCore {
  func probeUnit(_ exchange: inout CommandExchange) {
    exchange.set("MAX_AMI_SW", sizes.softwareContexts)
    exchange.set("MAX_ASN", sizes.sessions)
    exchange.set("NUM_AHA", agents.count)
  }

  func probeAccelerator(_ exchange: inout CommandExchange) {
    let accelerator = exchange["AHA_ID"]
    guard agents.indices.contains(accelerator) else { return exchange.refuse("INVALID_AHA_ID") }
    exchange.set("AHA_IIDR", word: agents[accelerator].identification)
  }

  func probeFunction(_ exchange: inout CommandExchange) {
    exchange.set("ASN_PROF_N_COUNTERS", SessionProfile.Counter.allCases.count)
    exchange.set("AMI_PER_F_M1", sizes.softwareContexts - 1)
    exchange.set("PASID_WIDTH", AMUSizes.processAddressSpaceBits)
    exchange.set("PASID_SUPPORTED", true)
  }

  /// The physical function is always enabled: it is none that the command is for.
  mutating func enableFunction(_ exchange: inout CommandExchange, in fabric: inout Fabric) {
    let function = exchange["F_OWNER"]
    guard function > 0, functions.indices.contains(function) else {
      return exchange.refuse("F_OWNER_IS_INVALID")
    }
    management[function].isFunctionEnabled = true
    wakeAll()
    serveCommands(of: function, in: &fabric)
  }

  /// The function's sockets start anew when it is enabled again; what is mapped to it stays where it is.
  mutating func disableFunction(_ exchange: inout CommandExchange) {
    let function = exchange["F_OWNER"]
    guard function > 0, functions.indices.contains(function) else {
      return exchange.refuse("F_OWNER_IS_INVALID")
    }
    exchange.set("TRAP_CONFIG", management[function].isTrapping)
    management[function].isFunctionEnabled = false
    management[function].restart()
    for context in software.indices where software[context].mapping.owner == Int32(function) {
      stopFetching(sessions(ofSoftware: context))
    }
    for context in hardware where context.mapping.owner == Int32(function) { stopFetching(context.sessions) }
    wakeTraced(by: function)
  }

  mutating func configureTrap(_ exchange: inout CommandExchange) {
    let function = exchange["F_OWNER"]
    guard function > 0, functions.indices.contains(function) else {
      return exchange.refuse("F_OWNER_IS_INVALID")
    }
    guard !management[function].isFunctionEnabled else { return exchange.refuse("F_OWNER_IS_ENABLED") }
    management[function].isTrapping = exchange.flag("ENABLE")
  }

  /// Tells the physical function of a virtual one's command, which waits for PF_F_TRAP_RESP.
  ///
  /// Where the exception cannot be written, the command waits until it can.
  /// - Layout: the body is the command from byte 4 on, as far as it fits.
  mutating func trap(of function: Int, in fabric: inout Fabric) {
    guard case .trapping(let command) = management[function].stage else { return }
    let opcode = UInt16(truncatingIfNeeded: InterfaceField.opcode.value(in: command))
    var exception = ExceptionMessage("E_PF_TRAPPED_CMD")
    exception.set("F_SOURCE_ID", function)
    exception.set("TRAPPED_OPCODE", Int(opcode))
    copyBytes(from: command, at: 4, to: &exception.bytes, at: 8, count: RevereInterface.messageBytes - 8)
    guard post(exception, to: 0, in: &fabric) else { return }
    management[function].stage = .trapped(opcode: opcode)
  }

  /// The exception ring of the physical function may have room for commands that wait to be told of.
  mutating func trapAgain(in fabric: inout Fabric) {
    for function in functions.indices.dropFirst() where isRunning(function) {
      trap(of: function, in: &fabric)
    }
  }

  /// The answer is for the command that was trapped last, and has its opcode.
  /// - Layout: the payload is the response from byte 4 on.
  mutating func answerTrap(_ exchange: inout CommandExchange, in fabric: inout Fabric) {
    let function = exchange["F_TARGET"]
    guard function > 0, functions.indices.contains(function), isRunning(function),
      case .trapped(let opcode) = management[function].stage, exchange["RESP_OPCODE"] == Int(opcode)
    else { return exchange.refuse("MESSAGE_COULD_NOT_BE_DELIVERED") }
    var response = [UInt8](repeating: 0, count: RevereInterface.messageBytes)
    copyBytes(from: exchange.request, at: 4, to: &response, at: 0, count: 4)
    copyBytes(from: exchange.request, at: 8, to: &response, at: 4, count: RevereInterface.messageBytes - 8)
    guard !finishCommand(response, of: function, in: &fabric) else { return }
    management[function].stage = .trapped(opcode: opcode)
    exchange.refuse("MESSAGE_COULD_NOT_BE_DELIVERED")
  }
}

// What is written to host memory on demand.
extension AMUCore {
  /// - Layout: a bit for each AMI-SW number, then, from a doubleword of its own on, for each AMI-HW number.
  mutating func tellMap(_ exchange: inout CommandExchange, of function: Int, in fabric: inout Fabric) {
    exchange.isDeferred = true
    probe(
      BufferProbe(
        request: exchange.request, address: exchange.word("AMI_MAP_BASE") << 12,
        data: management[function].map), of: function, in: &fabric)
  }

  mutating func flushProfiles(
    _ exchange: inout CommandExchange, of function: Int, in fabric: inout Fabric
  ) {
    guard isProfiling(function) else { return exchange.refuse("FAILURE") }
    exchange.isDeferred = flushProfile(after: -1, exchange.request, of: function, in: &fabric)
  }

  /// Goes on with the next session whose counters the function has a table for; false when there is none.
  private mutating func flushProfile(
    after session: Int, _ request: [UInt8], of function: Int, in fabric: inout Fabric
  ) -> Bool {
    let next = sessions.indices.dropFirst(session + 1).first { isProfiled($0, by: function) }
    guard let next else { return false }
    let profile = sessions[next].profile
    probe(
      BufferProbe(request: request, address: profile.tableBase, data: profile.table, session: next),
      of: function, in: &fabric)
    return true
  }

  private mutating func probe(_ probe: BufferProbe, of function: Int, in fabric: inout Fabric) {
    management[function].stage = .probing(probe)
    let purpose = TransferPurpose.probe(epoch: management[function].epoch)
    guard let place = probe.place else { return probed(.notSent, of: function, in: &fabric) }
    read(place, count: 8, by: function, for: purpose, in: &fabric)
  }

  /// A doubleword of the buffer has been looked at: the command goes on.
  mutating func probed(_ status: RequestStatus, of function: Int, in fabric: inout Fabric) {
    guard case .probing(var probe) = management[function].stage,
      var exchange = CommandExchange(probe.request)
    else { return }
    let isMap = probe.session < 0
    if status == .successful, !probe.isLast, probe.data.count > 8 {
      probe.isLast = true
      return self.probe(probe, of: function, in: &fabric)
    }
    let isWritten =
      status == .successful
      && functions[function].write(
        address: probe.address, data: probe.data, count: probe.data.count, in: &fabric) == .successful
    if isWritten, !isMap,
      flushProfile(after: probe.session, probe.request, of: function, in: &fabric)
    {
      return
    }
    if !isWritten {
      exchange.refuse(isMap ? "FAULT_WHEN_ACCESSING_AMI_MAP_BUFFER" : "FAILURE")
      if !isMap { setError(.profileTableFault, of: function, in: &fabric) }
    }
    finishCommand(exchange.response, of: function, in: &fabric)
  }

  private func isProfiled(_ session: Int, by function: Int) -> Bool {
    let profile = sessions[session].profile
    return sessions[session].isOpen && sessions[session].settings.monitor == function && profile.isEnabled
      && !profile.table.isEmpty
  }
}

extension ManagementInterface {
  /// The answer of F_GET_AMI_MAP.
  fileprivate var map: [UInt8] {
    func bits(_ numbers: [Int32]) -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: (numbers.count + 63) / 64 * 8)
      for (number, place) in numbers.enumerated() where place >= 0 {
        bytes[number / 8] |= 1 << UInt8(number & 7)
      }
      return bytes
    }
    return bits(software) + bits(hardware)
  }
}
