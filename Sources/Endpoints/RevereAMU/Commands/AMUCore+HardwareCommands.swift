// Commands about hardware contexts: by accelerator and physical ID for the physical function, by number
// for the owner.
extension AMUCore {
  /// The hardware context behind a number of a function.
  func hardwareContext(_ number: Int, of function: Int) -> Int? {
    guard management[function].hardware.indices.contains(number) else { return nil }
    let place = management[function].hardware[number]
    return place < 0 ? nil : Int(place)
  }

  /// The place of a context of an accelerator.
  func hardwarePlace(_ accelerator: Int, _ context: Int) -> Int? {
    guard agents.indices.contains(accelerator), (0..<sizes.hardwareContexts).contains(context) else {
      return nil
    }
    return accelerator * sizes.hardwareContexts + context
  }

  /// The context of a command whose IDs are known to be valid.
  private func physicalHardware(_ exchange: CommandExchange) -> Int {
    exchange["AHA_ID"] * sizes.hardwareContexts + exchange["PHY_AMI_HW_ID"]
  }

  /// What a context holds is nothing of another function that it comes to: it is empty then, and disabled.
  mutating func mapHardware(_ exchange: inout CommandExchange) {
    let (function, number) = (exchange["F_OWNER"], exchange["AMI_HW_ID"])
    guard functions.indices.contains(function) else { return exchange.refuse("F_OWNER_IS_INVALID") }
    let accelerator = exchange["AHA_ID"]
    var place = hardwarePlace(accelerator, exchange["PHY_AMI_HW_ID"])
    if exchange.flag("ANY_PHY_AMI_HW"), let first = hardwarePlace(accelerator, 0) {
      place = (first..<first + sizes.hardwareContexts).first { !hardware[$0].mapping.isMapped }
    }
    guard let place, !hardware[place].mapping.isMapped else {
      return exchange.refuse("PHY_AMI_HW_ID_IN_AHA_ID_ALREADY_MAPPED")
    }
    guard management[function].hardware.indices.contains(number), management[function].hardware[number] < 0
    else { return exchange.refuse("AMI_HW_ID_ALREADY_ASSIGNED_IN_F_OWNER") }
    management[function].hardware[number] = Int32(place)
    if hardware[place].mapping.map(to: function, as: number) {
      hardware[place].isEnabled = false
      hardware[place].empty()
    }
    wake(hardware: place)
    exchange.set("PHY_AMI_HW_ID", place % sizes.hardwareContexts)
  }

  mutating func unmapHardware(_ exchange: inout CommandExchange) {
    let place = physicalHardware(exchange)
    guard hardware[place].mapping.isMapped else { return }
    management[Int(hardware[place].mapping.owner)].hardware[Int(hardware[place].mapping.number)] = -1
    hardware[place].mapping.unmap()
    stopFetching(hardware[place].sessions)
  }

  /// A context that is set up for whom it is mapped to next is empty.
  mutating func configurePhysicalHardware(_ exchange: inout CommandExchange) {
    let place = physicalHardware(exchange)
    guard exchange["LOG2_HW_CRED_SIZE"] <= AMUSizes.creditsLog2Max else {
      return exchange.refuse("INVALID_LOG2_HW_CRED_SIZE_VALUE")
    }
    guard !hardware[place].mapping.isMapped else {
      return exchange.refuse("PHY_AMI_HW_ID_WITHIN_AHA_ID_IS_MAPPED")
    }
    if hardware[place].mapping.isHeld { hardware[place].empty() }
    hardware[place].mapping.settle()
    hardware[place].settings.addressSpace = UInt32(exchange["PASID"])
    hardware[place].settings.usesAddressSpace = exchange.flag("PASID_ENABLED")
    hardware[place].settings.log2Credits = exchange["LOG2_HW_CRED_SIZE"]
    hardware[place].isEnabled = exchange.flag("ENABLE")
  }

  mutating func configureHardware(_ exchange: inout CommandExchange, of function: Int) {
    guard let place = hardwareContext(exchange["AMI_HW_ID"], of: function) else {
      return exchange.refuse("AMI_HW_IS_NOT_MAPPED_IN_FUNCTION")
    }
    guard !hardware[place].isEnabled else { return exchange.refuse("AMI_HW_IS_NOT_DISABLED") }
    hardware[place].settings.addressSpace = UInt32(exchange["PASID"])
    hardware[place].settings.usesAddressSpace = exchange.flag("PASID_ENABLED")
  }

  func savePhysicalHardware(_ exchange: inout CommandExchange) {
    guard let place = hardwarePlace(exchange["AHA_ID"], exchange["PHY_AMI_HW_ID"]) else {
      return exchange.refuse("INVALID_PHY_AMI_HW_ID")
    }
    let owner = Int(hardware[place].mapping.owner)
    guard owner < 0 || !management[owner].isFunctionEnabled else {
      return exchange.refuse("OWNING_FUNCTION_IS_ENABLED")
    }
    exchange.set("PASID", Int(hardware[place].settings.addressSpace))
    exchange.set("PASID_ENABLED", hardware[place].settings.usesAddressSpace)
    exchange.set("LOG2_HW_CRED_SIZE", hardware[place].settings.log2Credits)
    exchange.set("ENABLE", hardware[place].isEnabled)
  }

  func saveHardware(_ exchange: inout CommandExchange, of function: Int) {
    guard let place = hardwareContext(exchange["AMI_HW_ID"], of: function) else {
      return exchange.refuse("INVALID_AMI_HW_ID")
    }
    exchange.set("PASID", Int(hardware[place].settings.addressSpace))
    exchange.set("PASID_ENABLED", hardware[place].settings.usesAddressSpace)
  }

  mutating func resetPhysicalHardware(_ exchange: inout CommandExchange) {
    let place = physicalHardware(exchange)
    guard !hardware[place].mapping.isMapped else { return exchange.refuse("AMI_HW_IS_MAPPED") }
    resetHardware(place)
    hardware[place].mapping.settle()
  }

  mutating func resetHardware(_ exchange: inout CommandExchange, of function: Int) {
    guard let place = hardwareContext(exchange["AMI_HW_ID"], of: function) else {
      return exchange.refuse("INVALID_AMI_HW_ID")
    }
    resetHardware(place)
  }

  mutating func resetHardware(_ place: Int) {
    stopFetching(hardware[place].sessions)
    hardware[place].reset()
  }

  mutating func enableHardware(_ exchange: inout CommandExchange, of function: Int) {
    guard let place = hardwareContext(exchange["AMI_HW_ID"], of: function) else {
      return exchange.refuse("AMI_HW_IS_NOT_MAPPED_IN_FUNCTION")
    }
    hardware[place].isEnabled = true
    wake(hardware: place)
  }

  /// What the context holds waits in it.
  mutating func disableHardware(_ exchange: inout CommandExchange, of function: Int) {
    guard let place = hardwareContext(exchange["AMI_HW_ID"], of: function) else {
      return exchange.refuse("AMI_HW_IS_NOT_MAPPED_IN_FUNCTION")
    }
    hardware[place].isEnabled = false
    stopFetching(hardware[place].sessions)
  }
}
