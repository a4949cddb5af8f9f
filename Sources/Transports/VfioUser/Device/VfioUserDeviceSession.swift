import LinkBroker
import PCIe
import Simulation

/// A device server at the lower end of a link, without sockets and clock: TLPs become messages, and messages
/// TLPs.
///
/// Configuration space, MSI-X table and enables are those of the function that is kept for it; the device
/// learns what software has set there.
struct VfioUserDeviceSession: VfioUserReceiver {
  var client: VfioUserClient
  let features: VfioUserFeatures
  /// What software has set in the function, as far as the device knows.
  var told = OutsideSettings()
  /// Requests on the link that the device is asked for, by the IDs of the commands.
  var reads: [UInt16: TLPHeader] = [:]
  /// What the device has sent and is to go out in its order.
  var outflow = VfioUserOutflow()
  /// What the device reads of the host's memory.
  var accesses = VfioUserAccesses(tags: 32)
  /// By vector, of INTx, MSI and MSI-X.
  var events: [[PassedDescriptor]] = [[], [], []]
  var isLineAsserted = false
  /// Whether the function is still to let go of its line.
  var letsGo = false
  var notes: [String] = []

  /// The place of the host's memory among the regions.
  static let memory = VfioUserRegionIndex.count
  /// The addresses that the device may use: all that there is, and as many as a server takes.
  ///
  /// - Units: bytes.
  /// - Source: libvfio-user, `lib/private.h`, `MAX_DMA_SIZE` of 8 TiB, for those that are made with it.
  static let memoryBytes: UInt64 = 8 << 40
  static let completionTimeout = VirtualDuration.seconds(1)
  /// - Units: bytes.
  static let outputMax = 16 << 20
  /// TLPs that may wait at the link before the device is read no more.
  static let backlogMax = 512

  init(_ client: VfioUserClient, _ features: VfioUserFeatures, _ settings: OutsideSettings) {
    self.client = client
    self.features = features
    // By messages: what is not there the root complex refuses.
    self.client.map(0, bytes: Self.memoryBytes)
    if features.interrupts[0] > 0 { takeVectors(of: .intx, 1) }
    adopt(settings)
  }

  /// Whether messages of the device are to be read now.
  var takesInput: Bool {
    outflow.count + accesses.waiting < Self.backlogMax && outflow.bytes < Self.outputMax
      && client.output.count < Self.outputMax
  }

  var deadline: VirtualTime? { accesses.deadline }

  /// Goes on as far as it can; false when there was nothing to do.
  mutating func advance(_ node: any OutsideEnd, in fabric: inout Fabric) -> Bool {
    guard let port = node.port else { return false }
    let horizon = fabric.now + Fabric.lead
    var hasMoved = expire(at: fabric.now)
    for _ in 0..<64 {
      var moves = issue(node, port, in: &fabric)
      if fabric.runEvents(until: horizon) { moves = true }
      if hear(node, port, in: &fabric) { moves = true }
      if letsGo {
        letsGo = false
        _ = node.raise(.intx(isAsserted: false), in: &fabric)
      }
      guard moves else { break }
      hasMoved = true
    }
    return hasMoved
  }

  // MARK: From the link

  private mutating func hear(_ node: any OutsideEnd, _ port: FabricPort, in fabric: inout Fabric) -> Bool {
    var hasMoved = false
    while client.output.count < Self.outputMax {
      if let news = node.outbox.firstNews {
        node.outbox.removeFirstNews()
        take(news, node, in: fabric)
      } else if let tlp = node.outbox.first {
        take(tlp, in: &fabric)
        node.outbox.removeFirst(in: &fabric)
      } else {
        break
      }
      hasMoved = true
    }
    return hasMoved
  }

  private mutating func take(_ news: OutsideNews, _ node: any OutsideEnd, in fabric: borrowing Fabric) {
    switch news {
    case .configurationWritten(let settings): adopt(settings)
    case .link(.up): adopt(node.settings(in: fabric))
    case .link, .functionLevelReset:
      reset()
      adopt(node.settings(in: fabric))
    }
  }

  private mutating func reset() {
    for tag in accesses.tags(dueAt: .never) {
      guard let part = accesses.part(tag) else { continue }
      accesses.end(tag)
      endPart(of: part.access, .linkDown)
    }
    reads.removeAll()
    outflow.reset()
    isLineAsserted = false
    if features.canReset { client.send(.reset) }
    told = OutsideSettings()
    told.isBusMasterEnabled = false
  }

  private mutating func take(_ tlp: FabricTLP, in fabric: inout Fabric) {
    let header = tlp.header
    switch tlp.kind {
    case .completion, .completionWithData:
      if case .ended(let place, let failure) = accesses.take(tlp, in: fabric) { endPart(of: place, failure) }
    case .memoryRead, .ioRead: ask(header)
    case .memoryWrite, .ioWrite: put(tlp, in: &fabric)
    default: break
    }
  }

  /// Which bytes of which BAR a request is for.
  private func range(_ address: UInt64, _ count: Int) -> VfioUserRange? {
    for (bar, base) in told.barAddresses.enumerated().reversed() {
      // The function has seen that it is inside one; the nearest below it is that one.
      guard let base, base <= address,
        told.barAddresses.allSatisfy({ $0.map { $0 <= base || $0 > address } ?? true })
      else { continue }
      return VfioUserRange(region: bar, offset: address - base, count: count)
    }
    return nil
  }

  private mutating func ask(_ header: TLPHeader) {
    // A read of no bytes pushes writes before it, as any read does.
    let isFlush = header.firstByteEnable == 0
    let range =
      isFlush
      ? VfioUserRange(region: VfioUserRegionIndex.configuration, offset: 0, count: 4)
      : range(header.firstByteAddress, header.requestedBytes)
    guard let range else { return }
    reads[client.read(range)] = header
  }

  private mutating func put(_ tlp: FabricTLP, in fabric: inout Fabric) {
    let header = tlp.header
    let bytes = fabric.payloads.copy(tlp.payload)
    let isPosted = tlp.kind == .memoryWrite
    for run in ByteRuns(header) {
      guard let range = range(header.address &+ UInt64(run.lowerBound), run.count) else { continue }
      let id = client.write(range.region, range.offset, Array(bytes[run]), wantsReply: !isPosted)
      if !isPosted { reads[id] = header }
    }
    letGoOfLine()
  }

  // MARK: From the device

  /// Takes a message of the device.
  mutating func receive(_ message: VfioUserMessage) throws(VfioUserStreamError) {
    switch try client.receive(message) {
    case nil: break
    case .reply(let id, let command, let reply)?:
      if let request = reads.removeValue(forKey: id) {
        outflow.add(.completion(request, reply))
      } else if let number = reply.error {
        notes.append("the device has failed \(command) with errno \(number)")
      }
    case .memoryRead(let token, let address, let count)?:
      // A few bytes ask for a mebibyte: there is room for it when its first request goes out.
      let range = VfioUserRange(region: Self.memory, offset: address, count: count)
      outflow.add(.read(VfioUserAccess(origin: .host(token), range: range, isWrite: false, data: [])))
    case .memoryWrite(let token, let address, let data)?:
      outflow.add(.write(token, address: address, data: data))
    }
  }

  /// Completes a request on the link with what the device has answered.
  mutating func complete(
    _ request: TLPHeader, _ reply: VfioUserClient.Reply, _ node: any OutsideEnd, in fabric: inout Fabric
  ) {
    defer { letGoOfLine() }
    let completer = told.id
    func end(_ status: CompletionStatus) {
      let header = TLPHeader.completion(of: request, status: status, completer: completer)
      _ = node.submit(FabricTLP(header: header), in: &fabric)
    }
    if reply.error != nil { return end(.unsupportedRequest) }
    if request.hasData { return end(.successful) }
    let isFlush = request.firstByteEnable == 0
    let count = isFlush ? 4 : request.requestedBytes
    guard reply.payload.count == 16 + count else {
      notes.append(
        "the device has answered a read of \(count) bytes with \(max(0, reply.payload.count - 16))")
      return end(.unsupportedRequest)
    }
    let limit = max(told.maxPayloadBytes, told.readCompletionBoundary)
    guard request.kind == .memoryRead else {
      let header = TLPHeader.completionWithWord(of: request, completer: completer)
      return send(header, Array(reply.payload[16...]), at: request.leadBytes, node, in: &fabric)
    }
    for piece in CompletionSplitter(request, maxPayloadBytes: limit, boundary: told.readCompletionBoundary) {
      let start = 16 + piece.offset
      let bytes = isFlush ? [0] : Array(reply.payload[start..<start + piece.bytes])
      send(
        piece.header(of: request, completer: completer), bytes, at: Int(piece.address & 3), node, in: &fabric)
    }
  }

  private func send(
    _ header: TLPHeader, _ bytes: [UInt8], at lead: Int, _ node: any OutsideEnd, in fabric: inout Fabric
  ) {
    let payload = fabric.payloads.take(bytes: header.payloadBytes)
    fabric.payloads.setWord(payload, to: 0)
    fabric.payloads.setWord(payload, at: header.payloadBytes - 4, to: 0)
    fabric.payloads.write(bytes, from: 0, count: bytes.count, to: payload, at: lead)
    _ = node.submit(FabricTLP(header: header, payload: payload), in: &fabric)
  }
}
