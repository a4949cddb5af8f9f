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

  /// The physical function is always enabled; asking for it once more is no mistake.
  mutating func enableFunction(_ exchange: inout CommandExchange, in fabric: inout Fabric) {
    let function = exchange["F_OWNER"]
    guard functions.indices.contains(function) else { return exchange.refuse("F_OWNER_IS_INVALID") }
    management[function].isFunctionEnabled = true
    wakeAll()
    if function > 0 { serveCommands(of: function, in: &fabric) }
  }

  /// The function's sockets start anew when it is enabled again; what is mapped to it stays.
  mutating func disableFunction(_ exchange: inout CommandExchange) {
    let function = exchange["F_OWNER"]
    guard function > 0, functions.indices.contains(function) else {
      return exchange.refuse("F_OWNER_IS_INVALID")
    }
    exchange.set("TRAP_CONFIG", management[function].isTrapping)
    management[function].isFunctionEnabled = false
    management[function].restart()
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
  /// - Layout: the body is the command from byte 4 on, as far as it fits.
  mutating func trap(_ command: [UInt8], of function: Int, in fabric: inout Fabric) {
    var exception = ExceptionMessage("E_PF_TRAPPED_CMD")
    exception.set("F_SOURCE_ID", function)
    exception.set("TRAPPED_OPCODE", Int(InterfaceField.opcode.value(in: command)))
    copyBytes(from: command, at: 4, to: &exception.bytes, at: 8, count: RevereInterface.messageBytes - 8)
    post(exception, to: 0, in: &fabric)
  }

  /// - Layout: the payload is the response from byte 4 on.
  mutating func answerTrap(_ exchange: inout CommandExchange, in fabric: inout Fabric) {
    let function = exchange["F_TARGET"]
    guard function > 0, functions.indices.contains(function), isRunning(function),
      case .trapped = management[function].stage, management[function][.response].free > 0
    else { return exchange.refuse("MESSAGE_COULD_NOT_BE_DELIVERED") }
    var response = [UInt8](repeating: 0, count: RevereInterface.messageBytes)
    copyBytes(from: exchange.request, at: 4, to: &response, at: 0, count: 4)
    copyBytes(from: exchange.request, at: 8, to: &response, at: 4, count: RevereInterface.messageBytes - 8)
    finishCommand(response, of: function, in: &fabric)
    if management[function].errorState == .responseFault {
      exchange.refuse("MESSAGE_COULD_NOT_BE_DELIVERED")
    }
  }
}

// What is written to host memory on demand. A posted write tells nothing of its fate, so the first
// doubleword is read before.
extension AMUCore {
  /// - Layout: a bit for each AMI-SW number, then, from a doubleword of its own on, for each AMI-HW number.
  mutating func tellMap(_ exchange: inout CommandExchange, of function: Int, in fabric: inout Fabric) {
    exchange.isDeferred = true
    probe(exchange.word("AMI_MAP_BASE") << 12, for: exchange.request, of: function, in: &fabric)
  }

  mutating func flushProfiles(
    _ exchange: inout CommandExchange, of function: Int, in fabric: inout Fabric
  ) {
    guard isProfiling(function) else { return exchange.refuse("FAILURE") }
    guard let first = profiled(by: function).first else { return }
    exchange.isDeferred = true
    probe(sessions[first].profile.tableBase, for: exchange.request, of: function, in: &fabric)
  }

  private mutating func probe(
    _ address: UInt64, for request: [UInt8], of function: Int, in fabric: inout Fabric
  ) {
    management[function].stage = .probing(request)
    read(address, count: 8, by: function, for: .probe, in: &fabric)
  }

  /// The buffer has been looked at: the command goes on.
  mutating func probed(_ status: RequestStatus, of function: Int, in fabric: inout Fabric) {
    guard case .probing(let request) = management[function].stage,
      var exchange = CommandExchange(request)
    else { return }
    let isMap = exchange.command.name == "F_GET_AMI_MAP"
    if status != .successful {
      exchange.refuse(isMap ? "FAULT_WHEN_ACCESSING_AMI_MAP_BUFFER" : "FAILURE")
    } else if isMap {
      let map = management[function].map
      _ = functions[function].write(
        address: exchange.word("AMI_MAP_BASE") << 12, data: map, count: map.count, in: &fabric)
    } else {
      for session in profiled(by: function) {
        let table = sessions[session].profile.table
        _ = functions[function].write(
          address: sessions[session].profile.tableBase, data: table, count: table.count, in: &fabric)
      }
    }
    finishCommand(exchange.response, of: function, in: &fabric)
  }

  /// The sessions whose counters a function has a table for.
  private func profiled(by function: Int) -> [Int] {
    sessions.indices.filter { session in
      let profile = sessions[session].profile
      return sessions[session].isOpen && sessions[session].settings.monitor == function && profile.isEnabled
        && !profile.table.isEmpty
    }
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
