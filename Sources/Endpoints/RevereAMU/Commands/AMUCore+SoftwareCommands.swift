import LinkBroker

// Commands about software contexts: by physical ID for the physical function, by number for the owner.
extension AMUCore {
  /// The physical context behind a number of a function.
  func softwareContext(_ number: Int, of function: Int) -> Int? {
    guard management[function].software.indices.contains(number) else { return nil }
    let place = management[function].software[number]
    return place < 0 ? nil : Int(place)
  }

  /// What a context was before it comes to another function is nothing of that function's: it is disabled.
  mutating func mapSoftware(_ exchange: inout CommandExchange, in fabric: inout Fabric) {
    let (function, number) = (exchange["F_OWNER"], exchange["AMI_SW_ID"])
    guard functions.indices.contains(function) else { return exchange.refuse("F_OWNER_IS_INVALID") }
    var context = Int?(exchange["PHY_AMI_SW_ID"])
    if exchange.flag("ANY_PHY_AMI_SW") { context = software.firstIndex { !$0.mapping.isMapped } }
    guard let context, software.indices.contains(context), !software[context].mapping.isMapped else {
      return exchange.refuse("PHY_AMI_SW_ID_ALREADY_MAPPED")
    }
    guard management[function].software.indices.contains(number), management[function].software[number] < 0
    else { return exchange.refuse("AMI_SW_ID_ALREADY_ASSIGNED_IN_F_OWNER") }
    management[function].software[number] = Int32(context)
    if software[context].mapping.map(to: function, as: number) { software[context].isEnabled = false }
    if software[context].isEnabled { beginSoftware(context, in: &fabric) }
    exchange.set("PHY_AMI_SW_ID", context)
  }

  /// Unmapping what is not mapped is no mistake; a context keeps what it was configured to.
  mutating func unmapSoftware(_ exchange: inout CommandExchange) {
    let context = exchange["PHY_AMI_SW_ID"]
    guard software[context].mapping.isMapped else { return }
    management[Int(software[context].mapping.owner)].software[Int(software[context].mapping.number)] = -1
    software[context].mapping.unmap()
    // An enabled context is told of again where it is mapped to next.
    if software[context].isDescribing { software[context].isEnabled = true }
    software[context].isDescribing = false
    stopFetching(sessions(ofSoftware: context))
  }

  mutating func configurePhysicalSoftware(_ exchange: inout CommandExchange) {
    let context = exchange["PHY_AMI_SW_ID"]
    guard !software[context].mapping.isMapped else { return exchange.refuse("AMI_SW_IS_MAPPED") }
    software[context].settings = ContextSettings(exchange)
    software[context].isEnabled = exchange.flag("ENABLE")
    software[context].mapping.settle()
  }

  mutating func configureSoftware(_ exchange: inout CommandExchange, of function: Int) {
    guard let context = softwareContext(exchange["AMI_SW_ID"], of: function) else {
      return exchange.refuse("AMI_SW_ID_IS_NOT_MAPPED_IN_FUNCTION")
    }
    guard !software[context].isBusy else { return exchange.refuse("AMI_SW_IS_NOT_DISABLED") }
    software[context].settings = ContextSettings(exchange)
  }

  func savePhysicalSoftware(_ exchange: inout CommandExchange) {
    let context = exchange["PHY_AMI_SW_ID"]
    guard software.indices.contains(context) else { return exchange.refuse("INVALID_PHY_AMI_SW_ID") }
    let owner = Int(software[context].mapping.owner)
    guard owner < 0 || !management[owner].isFunctionEnabled else {
      return exchange.refuse("OWNING_FUNCTION_IS_ENABLED")
    }
    software[context].settings.save(in: &exchange)
    exchange.set("ENABLE", software[context].isEnabled)
    exchange.set("MAPPED", software[context].mapping.isMapped)
    guard owner >= 0 else { return }
    exchange.set("AMI_SW_ID", Int(software[context].mapping.number))
    exchange.set("F_OWNER", owner)
  }

  func saveSoftware(_ exchange: inout CommandExchange, of function: Int) {
    guard let context = softwareContext(exchange["AMI_SW_ID"], of: function) else {
      return exchange.refuse("INVALID_AMI_SW_ID")
    }
    software[context].settings.save(in: &exchange)
  }

  mutating func resetPhysicalSoftware(_ exchange: inout CommandExchange) {
    let context = exchange["PHY_AMI_SW_ID"]
    guard !software[context].mapping.isMapped else { return exchange.refuse("AMI_SW_IS_MAPPED") }
    resetSoftware(context)
    software[context].mapping.settle()
  }

  /// A reset disables: there is no status for a context that still works.
  mutating func resetSoftware(_ exchange: inout CommandExchange, of function: Int) {
    guard let context = softwareContext(exchange["AMI_SW_ID"], of: function) else {
      return exchange.refuse("INVALID_AMI_SW_ID")
    }
    resetSoftware(context)
  }

  mutating func resetSoftware(_ context: Int) {
    stopFetching(sessions(ofSoftware: context))
    software[context].reset()
    for socket in 0..<sizes.sockets { sockets[place(context, socket)].reset() }
  }

  mutating func enableSoftware(
    _ exchange: inout CommandExchange, of function: Int, in fabric: inout Fabric
  ) {
    guard let context = softwareContext(exchange["AMI_SW_ID"], of: function) else {
      return exchange.refuse("AMI_SW_IS_NOT_MAPPED_IN_FUNCTION")
    }
    if hasTables, software[context].isBusy { return }
    beginSoftware(context, in: &fabric)
  }

  /// Enables a context: at once, or when its table has been read.
  private mutating func beginSoftware(_ context: Int, in fabric: inout Fabric) {
    if hasTables { return describeSoftware(context, in: &fabric) }
    software[context].isEnabled = true
    startSoftware(context, in: &fabric)
  }

  /// An enabled context begins to work; indexes that no ring can have are found now.
  mutating func startSoftware(_ context: Int, in fabric: inout Fabric) {
    for socket in 0..<sizes.sockets {
      let transmit = sockets[place(context, socket)].transmit
      let receive = sockets[place(context, socket)].receive
      if !transmit.isSound || !receive.isSound || transmit.waiting > 0 && !transmit.isConfigured {
        return ringFault(context, socket, in: &fabric)
      }
      refreshDigests(context, socket, in: &fabric)
    }
    wake(sessions(ofSoftware: context))
  }

  mutating func disableSoftware(_ exchange: inout CommandExchange, of function: Int) {
    guard let context = softwareContext(exchange["AMI_SW_ID"], of: function) else {
      return exchange.refuse("AMI_SW_IS_NOT_MAPPED_IN_FUNCTION")
    }
    software[context].isEnabled = false
    software[context].isDescribing = false
    stopFetching(sessions(ofSoftware: context))
  }
}

extension ContextSettings {
  init(_ exchange: CommandExchange) {
    addressSpace = UInt32(exchange["PASID"])
    usesAddressSpace = exchange.flag("PASID_ENABLED")
    transmitVector = UInt16(exchange["TX_VECTOR"])
    raisesTransmit = exchange.flag("TX_IRQ_ENABLE")
    receiveVector = UInt16(exchange["RX_VECTOR"])
    raisesReceive = exchange.flag("RX_IRQ_ENABLE")
    tableBase = exchange.word("TYPEB_TBL_BASE")
  }

  func save(in exchange: inout CommandExchange) {
    exchange.set("PASID", Int(addressSpace))
    exchange.set("PASID_ENABLED", usesAddressSpace)
    exchange.set("TX_VECTOR", Int(transmitVector))
    exchange.set("TX_IRQ_ENABLE", raisesTransmit)
    exchange.set("RX_VECTOR", Int(receiveVector))
    exchange.set("RX_IRQ_ENABLE", raisesReceive)
    exchange.set("TYPEB_TBL_BASE", word: tableBase)
  }
}
