// Commands about the sockets of software contexts. AMS_TYPE: 0 receives, 1 transmits.
extension AMUCore {
  mutating func configurePhysicalRing(_ exchange: inout CommandExchange) {
    let (context, socket) = (exchange["PHY_AMI_SW_ID"], exchange["AMS_ID"])
    guard !software[context].mapping.isMapped else { return exchange.refuse("AMI_SW_IS_MAPPED") }
    configure(&exchange, context, socket)
  }

  mutating func configureRing(_ exchange: inout CommandExchange, of function: Int) {
    guard let context = softwareContext(exchange["AMI_SW_ID"], of: function) else {
      return exchange.refuse("AMI_SW_IS_NOT_MAPPED_IN_FUNCTION")
    }
    if exchange["LOG2_SIZE"] <= AMUSizes.ringLog2Max, software[context].isBusy {
      return exchange.refuse("AMI_SW_IS_NOT_DISABLED")
    }
    configure(&exchange, context, exchange["AMS_ID"])
  }

  /// The indexes stay: that is how a ring moves to another place, or another context.
  private mutating func configure(_ exchange: inout CommandExchange, _ context: Int, _ socket: Int) {
    guard exchange["LOG2_SIZE"] <= AMUSizes.ringLog2Max else {
      return exchange.refuse("LOG2_SIZE_OUT_OF_RANGE")
    }
    func set(_ ring: inout SocketRing) {
      ring.base = exchange.word("RING_BASE") << 3
      ring.log2Size = UInt8(exchange["LOG2_SIZE"])
      ring.threshold = UInt8(exchange["THRESHOLD"])
      ring.overwrites = exchange.flag("RX_MODE")
      ring.isConfigured = true
    }
    if exchange.flag("AMS_TYPE") {
      set(&sockets[place(context, socket)].transmit)
      sockets[place(context, socket)].transmit.overwrites = false
    } else {
      set(&sockets[place(context, socket)].receive)
    }
  }

  func savePhysicalRing(_ exchange: inout CommandExchange) {
    let (context, socket) = (exchange["PHY_AMI_SW_ID"], exchange["AMS_ID"])
    let owner = Int(software[context].mapping.owner)
    guard owner < 0 || !management[owner].isFunctionEnabled else {
      return exchange.refuse("OWNING_FUNCTION_IS_ENABLED")
    }
    save(&exchange, context, socket)
  }

  func saveRing(_ exchange: inout CommandExchange, of function: Int) {
    guard let context = softwareContext(exchange["AMI_SW_ID"], of: function) else {
      return exchange.refuse("INVALID_AMI_SW_ID")
    }
    guard exchange["AMS_ID"] < sizes.sockets else { return exchange.refuse("INVALID_AMS_ID") }
    save(&exchange, context, exchange["AMS_ID"])
  }

  private func save(_ exchange: inout CommandExchange, _ context: Int, _ socket: Int) {
    let ring =
      exchange.flag("AMS_TYPE")
      ? sockets[place(context, socket)].transmit : sockets[place(context, socket)].receive
    exchange.set("RX_MODE", ring.overwrites)
    exchange.set("LOG2_SIZE", Int(ring.log2Size))
    exchange.set("THRESHOLD", Int(ring.threshold))
    exchange.set("RING_BASE", word: ring.base >> 3)
  }
}
