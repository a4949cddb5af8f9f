import PCIe

extension StepBuilder {
  func configurationRead(_ fields: Fields) throws(AlreadyReported) -> Step.Action {
    let requester = try requester(fields, [.rootComplex])
    let function = try configurationTarget(fields)
    let capability = try capability(fields, of: function)
    let (offset, size) = try register(fields)
    let expectation = try readExpectation(fields, length: UInt64(size))
    checkSoftware(expectation.status, fields)
    return .configurationRead(
      Step.ConfigurationRead(
        requester: requester.name, function: function, capability: capability, offset: offset, size: size,
        expectation: expectation))
  }

  func configurationWrite(_ fields: Fields) throws(AlreadyReported) -> Step.Action {
    let requester = try requester(fields, [.rootComplex])
    let function = try configurationTarget(fields)
    let capability = try capability(fields, of: function)
    let (offset, size) = try register(fields)
    let source = try data(fields)
    if let length = length(of: source), length != UInt64(size) {
      throw refuse(.registerData(length, size: size), at: fields.place("data"))
    }
    let status: ExpectedStatus = try fields.object("expect")?.choice("status") ?? .successful
    checkSoftware(status, fields)
    return .configurationWrite(
      Step.ConfigurationWrite(
        requester: requester.name, function: function, capability: capability, offset: offset, size: size,
        data: source, status: status))
  }

  /// The capability that an offset counts from; a model without it is refused here.
  private func capability(
    _ fields: Fields, of function: FunctionTarget
  ) throws(AlreadyReported) -> CapabilityName? {
    guard let capability: CapabilityName = try fields.choice("capability") else { return nil }
    guard case .node(let name) = function, let known = topology.node(name)?.function else {
      return capability
    }
    if capability == .msix, known.msixVectors == 0 {
      throw refuse(.noMSIX(name), at: fields.place("capability"))
    }
    if capability == .msi, known.msiVectors == 0 {
      throw refuse(.noMSI(name), at: fields.place("capability"))
    }
    return capability
  }

  /// A register of a 4 KiB configuration space, never across a doubleword.
  private func register(_ fields: Fields) throws(AlreadyReported) -> (offset: Int, size: Int) {
    let size = Int(clamping: try fields.required("size", Scalar.count))
    let offset = try fields.required("offset", Scalar.hex)
    guard offset < 4096 else { throw refuse(.registerBeyond(offset), at: fields.place("offset")) }
    guard size > 0, offset % UInt64(size) == 0 else {
      throw refuse(.registerAlignment(offset, size: size), at: fields.place("offset"))
    }
    return (Int(offset), size)
  }

  /// The function of a configuration request; a root complex has one for each root port.
  private func configurationTarget(_ fields: Fields) throws(AlreadyReported) -> FunctionTarget {
    let target = try functionTarget(fields, "to")
    if case .port = target { needSystem("the port of a link", at: fields.place("to")) }
    if case .node(let name) = target, topology.node(name)?.role == .rootComplex {
      let ports = topology.linksBelow(name).map { "\(name).\($0.name)" }
      throw refuse(.nameAPort(name, ports), at: fields.place("to"))
    }
    return target
  }

  /// A node, port or address, checked against the topology.
  func functionTarget(_ fields: Fields, _ key: String) throws(AlreadyReported) -> FunctionTarget {
    let target = try fields.required(key, Scalar.function)
    switch target {
    case .address: break
    case .node(let name): _ = try node(named: name, at: fields.place(key))
    case .port(let name, let link):
      let node = try node(named: name, at: fields.place(key))
      let below = topology.linksBelow(node.name).map(\.name)
      guard below.contains(link) else {
        throw refuse(.noPort(name, link, below), at: fields.place(key))
      }
    }
    return target
  }

  func memoryRead(_ fields: Fields) throws(AlreadyReported) -> Step.Action {
    let requester = try requester(fields, [.rootComplex, .endpoint])
    let target = try memoryTarget(fields, "from", by: requester)
    let length = try transferLength(fields)
    try checkBounds(target, length, fields, "from")
    var expectation = try readExpectation(fields, length: length)
    if let name = try fields.value("save", Scalar.name) {
      saved[name] = .some(length)
      expectation.save = name
    }
    if requester.role == .rootComplex { checkSoftware(expectation.status, fields) }
    return .memoryRead(
      Step.MemoryRead(
        requester: requester.name, target: target, length: length, expectation: expectation))
  }

  func memoryWrite(_ fields: Fields) throws(AlreadyReported) -> Step.Action {
    let requester = try requester(fields, [.rootComplex, .endpoint])
    let target = try memoryTarget(fields, "to", by: requester)
    let source = try data(fields)
    let save = try save(fields, source)
    if let length = length(of: source) { try checkBounds(target, length, fields, "to") }
    return .memoryWrite(
      Step.MemoryWrite(requester: requester.name, target: target, data: source, save: save))
  }

  /// Software in a guest sees data and no status: of a request that fails, all ones.
  private func checkSoftware(_ status: ExpectedStatus, _ fields: Fields) {
    guard status != .successful, status != .any else { return }
    needSystem("a status", at: fields.place("expect"))
  }

  private func memoryTarget(
    _ fields: Fields, _ key: String, by requester: NodeDescription
  ) throws(AlreadyReported) -> MemoryTarget {
    if let address = try fields.value("address", Scalar.hex) { return .address(address) }
    let (function, word) = try fields.required(key, Scalar.region)
    let region =
      if case .node(let name) = function {
        try region(word, of: try node(named: name, at: fields.place(key)), at: fields.place(key))
      } else { try region(word, ofFunction: function, at: fields.place(key)) }
    // Software finds the BARs of its functions by itself.
    if requester.role != .rootComplex { needSystem("the address of a BAR", at: fields.place(key)) }
    if word == "msix_table" || word == "msix_pba" {
      needSystem("the place of a table", at: fields.place(key))
    }
    return .region(function, region, offset: try fields.required("offset", Scalar.hex))
  }

  /// A region of a function that is named by its number, of which nothing else is known.
  private func region(
    _ word: String, ofFunction function: FunctionTarget, at place: SourceSpan
  ) throws(AlreadyReported) -> FunctionRegion {
    guard let index = BarBuilder.index(of: word) else {
      throw refuse(.barOfNumber(word, function), at: place)
    }
    return .bar(index)
  }

  func region(
    _ word: String, of node: NodeDescription, at place: SourceSpan
  ) throws(AlreadyReported) -> FunctionRegion {
    guard node.role == .endpoint else { throw refuse(.noRegions(node), at: place) }
    guard let function = node.function else {
      // Only the program behind a board knows its BARs.
      if word == "msix_table" { return .msixTable }
      if word == "msix_pba" { return .msixPending }
      guard let index = BarBuilder.index(of: word) else {
        throw refuse(.unknownRegion(word, node), at: place)
      }
      return .bar(index)
    }
    if word == "msix_table" || word == "msix_pba" {
      guard function.msixVectors > 0 else { throw refuse(.noMSIX(node.name), at: place) }
      return word == "msix_table" ? .msixTable : .msixPending
    }
    guard let index = BarBuilder.index(of: word), let bar = function.bar(index) else {
      throw refuse(.unknownRegion(word, node), at: place)
    }
    guard bar.space == .memory else { throw refuse(.ioRegion(node.name, bar), at: place) }
    return .bar(index)
  }

  /// Checks that a transfer stays inside its region or below the end of the address space.
  private func checkBounds(
    _ target: MemoryTarget, _ length: UInt64, _ fields: Fields, _ key: String
  ) throws(AlreadyReported) {
    switch target {
    case .address(let address):
      if address.addingReportingOverflow(length - min(length, 1)).overflow {
        throw refuse(.addressWraps(address, length), at: fields.place("address"))
      }
    case .region(let function, let region, let offset):
      guard case .node(let name) = function, let known = topology.node(name)?.function else { return }
      let size: UInt64
      var bar: BarDescription?
      switch region {
      case .bar(let index):
        guard let own = known.bar(index) else { return }
        bar = own
        size = own.size
      case .msixTable: size = UInt64(known.msixVectors) * 16
      case .msixPending: size = UInt64((known.msixVectors + 63) / 64) * 8
      }
      let (end, overflow) = offset.addingReportingOverflow(length)
      guard overflow || end > size else { return }
      let message = Message.outOfBar(length, offset, "\(name).\(region.name)", size)
      let excess = overflow ? UInt64.max : end - size
      report(message, at: current.verbSpan, notes: boundsNotes(bar), weight: excess)
      throw AlreadyReported()
    }
  }

  private func boundsNotes(_ bar: BarDescription?) -> [Diagnostic.Note] {
    let used = instance.assignment.filter { current.references.contains($0.key) }
    return Message.boundsNote(used, bar).map { [Diagnostic.Note($0, at: bar?.span)] } ?? []
  }

  func dmaRead(_ fields: Fields) throws(AlreadyReported) -> Step.Action {
    let requester = try requester(fields, [.endpoint])
    let address = try fields.required("address", Scalar.hex)
    let length = try transferLength(fields)
    let expectation = try readExpectation(fields, length: length)
    if expectation.status == .successful { try checkHostMemory(address, length, fields) }
    return .dmaRead(
      Step.DMARead(requester: requester.name, address: address, length: length, expectation: expectation))
  }

  func dmaWrite(_ fields: Fields) throws(AlreadyReported) -> Step.Action {
    let requester = try requester(fields, [.endpoint])
    let address = try fields.required("address", Scalar.hex)
    let source = try data(fields)
    let save = try save(fields, source)
    if let length = length(of: source) { try checkHostMemory(address, length, fields) }
    return .dmaWrite(Step.DMAWrite(requester: requester.name, address: address, data: source, save: save))
  }

  /// Checks that a transfer ends inside host memory, unless the case means to leave it.
  private func checkHostMemory(_ address: UInt64, _ length: UInt64, _ fields: Fields) throws(AlreadyReported)
  {
    let (end, overflow) = address.addingReportingOverflow(length)
    guard let root = topology.root, let memory = root.settings?.memory else { return }
    if allowed.contains(.unsupportedRequest), !overflow { return }
    if overflow || end > memory {
      report(
        .outOfHostMemory(length, address, root.name, memory), at: current.verbSpan,
        weight: overflow ? UInt64.max : end - memory)
      throw AlreadyReported()
    }
  }

  func msix(_ fields: Fields) throws(AlreadyReported) -> Step.Action {
    let node = try requester(fields, [.endpoint])
    let vector = try fields.required("vector", Scalar.count)
    let count = node.settings?.msixVectors ?? 0
    guard count > 0 else { throw refuse(.noMSIX(node.name), at: fields.place("by")) }
    guard vector < UInt64(count) else {
      throw refuse(.vector(vector, node.name, count), at: fields.place("vector"))
    }
    return .msix(Step.InterruptRequest(node: node.name, vector: Int(vector)))
  }
}
