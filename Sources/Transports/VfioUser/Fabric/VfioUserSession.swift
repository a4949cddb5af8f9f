import Glibc
import LinkBroker
import PCIe
import Simulation

/// The host's side of a link whose host speaks vfio-user, without sockets and clock: messages become TLPs,
/// and TLPs messages, copies in the host's memory and eventfds.
///
/// Each access of the host is a request on the link. What the host emulates itself, MSI-X table and BAR
/// registers, is kept in step with the device, so that the device is one that software has set up.
struct VfioUserSession: VfioUserReceiver {
  /// Nil before it is known what the device is.
  var server: VfioUserServer?
  /// Why there is no sense in going on.
  private(set) var loss: TransportLoss?
  /// What a person should know.
  var notes: [String] = []

  private var probe = VfioUserProbe()
  private var isProbing = false
  var registers = VfioUserRegisters()
  var accesses = VfioUserAccesses(tags: 64)
  /// Configuration requests that the device wants to have again.
  var retries: [VfioUserRetry] = []
  var interrupts = VfioUserInterruptState()
  /// Requests of the device for the host's memory that wait for a message, by tag.
  var memoryReads: [VfioUserMemoryRead] = []
  /// What the next completion carries.
  var scratch = [UInt8](repeating: 0, count: 4096 + 8)
  /// Resets of link and function, and what comes after them.
  var recovery = VfioUserRecovery()

  /// The ID of the host.
  static let host = FunctionAddress(bus: 0, device: 0, function: 0)

  /// The ID that the device gets: each link of a host is a bus of its own.
  static func target(at port: FabricPort?) -> FunctionAddress {
    FunctionAddress(bus: UInt8((port?.link ?? 0) % 255 + 1), device: 0, function: 0)
  }

  /// How long the device may take for a completion: a host that waits for an answer gives up after 5 s, and
  /// must not get it later.
  static let completionTimeout = VirtualDuration.seconds(1)
  /// How long a host waits for the whole of an access, whatever it takes on the link: so that with a reset
  /// before it there are no more than 4 s.
  static let answerLimit = VirtualDuration.seconds(3)
  /// How long TLPs may wait at the link before the host has to wait.
  static let backlogMax = 512

  /// What waits for the link before the host is read no more; answers of the host are read on.
  var takesInput: Bool {
    guard let server else { return false }
    let waiting = accesses.waiting + server.eventCount
    return waiting < (server.transfers.count > 0 ? 16 : 1) * Self.backlogMax
      && server.output.count < Self.outputMax && server.eventBytes < Self.outputMax
  }

  /// - Units: bytes.
  static let outputMax = 16 << 20
  /// Our requests that the host may leave open.
  static let transfersMax = 32768

  /// When `advance` has something to do although nothing has come, nil when never.
  var deadline: VirtualTime? {
    let due = [accesses.deadline, accesses.answerDeadline, retries.map(\.due).min(), recovery.deadline]
    return due.compactMap(\.self).min()
  }

  /// Takes a message of the host.
  mutating func receive(_ message: VfioUserMessage) throws(VfioUserStreamError) {
    try server?.receive(message)
  }

  mutating func lose(_ loss: TransportLoss) { self.loss = self.loss ?? loss }

  /// Goes on as far as it can; false when there was nothing to do.
  mutating func advance(_ node: any OutsideEnd, in fabric: inout Fabric) -> Bool {
    guard let port = node.port, loss == nil else { return false }
    server?.interrupts.lookForUnmasking()
    // The answer of a model is ready at once.
    let horizon = fabric.now + Fabric.lead
    var hasMoved = expire(port, in: &fabric)
    if answerLate(at: fabric.now) { hasMoved = true }
    if let until = recovery.resetting?.until, until <= fabric.now { endReset() }
    if let due = recovery.upkeep?.due, due <= fabric.now { giveBack() }
    for _ in 0..<Self.roundsMax {
      var moves = takeEvents(port, in: &fabric)
      if server == nil, beginProbe(port, in: fabric) { moves = true }
      if issue(node, port, in: &fabric) { moves = true }
      if beginReset(port, in: &fabric) { moves = true }
      if beginUpkeep(at: fabric.now) { moves = true }
      if interrupts.vectors.isStale { updateTable(port, in: &fabric) }
      if fabric.runEvents(until: horizon) { moves = true }
      if hear(node, port, in: &fabric) { moves = true }
      guard moves, loss == nil else { break }
      hasMoved = true
    }
    if let server, server.transfers.count > Self.transfersMax {
      lose(.garbage("it has not answered \(Self.transfersMax) requests for its memory"))
    }
    return hasMoved
  }

  /// So that others get a look in between.
  private static let roundsMax = 64

  // MARK: What the device is

  /// Lets the host map a BAR of the device, of which it has not learned yet.
  mutating func offer(_ offer: VfioUserOffer) { probe.offers.append(offer) }

  /// Whether it has something to do at once, of which nothing that comes tells: to look at a device.
  func wantsTurn(_ node: any OutsideEnd, in fabric: borrowing Fabric) -> Bool {
    guard server == nil, !isProbing, loss == nil, let port = node.port else { return false }
    return fabric.state(ofLink: port.link) == .up
  }

  private mutating func beginProbe(_ port: FabricPort, in fabric: borrowing Fabric) -> Bool {
    guard !isProbing, fabric.state(ofLink: port.link) == .up else { return false }
    guard let step = probe.step else {
      registers = probe.registers
      do throws(VfioUserProbeError) { server = VfioUserServer(try probe.device()) } catch {
        lose(.system("\(error)"))
      }
      return true
    }
    isProbing = true
    switch step {
    case .read(let offset, let bytes): begin(.probe, configuration(offset, bytes), nil)
    case .write(let offset, let word):
      var data: [UInt8] = []
      data.add(word)
      begin(.probe, configuration(offset, 4), data)
    }
    return true
  }

  func configuration(_ offset: Int, _ bytes: Int) -> VfioUserRange {
    VfioUserRange(region: VfioUserRegionIndex.configuration, offset: UInt64(offset), count: bytes)
  }

  /// Takes the end of a probe's access.
  mutating func takeProbe(_ access: VfioUserAccess) {
    isProbing = false
    switch access.failure {
    case nil: probe.take(access.data)
    // Once more, when the link is up again.
    case .linkDown?: probe.restart()
    case .status(let status)?: failProbe(status)
    case .timeout?, .poisoned?: failProbe(nil)
    }
  }

  private mutating func failProbe(_ status: CompletionStatus?) {
    guard let step = probe.step else { return }
    lose(.system("\(VfioUserProbeError.noAnswer(step, status))"))
  }

  // MARK: What the host wants

  private mutating func takeEvents(_ port: FabricPort, in fabric: inout Fabric) -> Bool {
    var hasMoved = false
    // A few bytes ask for a mebibyte: the rest of them wait. So does what comes behind a reset.
    while accesses.bytes < Self.outputMax, recovery.resetting == nil, let event = server?.takeEvent() {
      hasMoved = true
      switch event {
      case .read(let token, let range):
        giveBack()
        if range.region == VfioUserRegionIndex.rom {
          beginROMRead(token, range, at: fabric.now)
        } else {
          begin(.host(token), range, nil, at: fabric.now)
        }
      case .write(let token, let range, let data):
        giveBack()
        begin(.host(token), range, data, at: fabric.now)
      case .reset(let token): recovery.resetting = VfioUserReset(token: token)
      case .interruptsChanged(let index): takeVectors(of: index, port, in: &fabric)
      case .memoryRead(let tag, let data): completeRead(tag, data, port, in: &fabric)
      case .memoryWritten(let isTaken):
        if !isTaken { notes.append("the host has refused a write of the device to its memory") }
        releaseSignals()
      }
    }
    return hasMoved
  }

  /// Adds an access, which has begun now where a host waits for it.
  mutating func begin(
    _ origin: VfioUserAccess.Origin, _ range: VfioUserRange, _ data: [UInt8]?, at now: VirtualTime? = nil
  ) {
    var access = VfioUserAccess(
      origin: origin, range: range, isWrite: data != nil,
      data: data ?? Array(repeating: 0, count: range.count))
    if case .host(let token?) = origin, token.isAwaited {
      access.answerBy = now.map { $0 + Self.answerLimit }
    }
    accesses.add(access)
  }

  /// Reads the ROM, which a function shows only while its own enable bit and memory space are on.
  ///
  /// The host has a register of its own for its software, and reads the ROM whatever stands there.
  /// - Source: PCI Express Base 5.0, 7.5.1.2.4 "Expansion ROM Base Address Register".
  private mutating func beginROMRead(_ token: VfioUserToken, _ range: VfioUserRange, at now: VirtualTime) {
    let (command, register) = (registers.command, registers.word(HeaderRegister.expansionROM))
    let place = UInt32(truncatingIfNeeded: registers.placeOfROM)
    set(HeaderRegister.expansionROM, to: place | 1)
    set(HeaderRegister.command, to: command.union(.memoryEnable).rawValue)
    begin(.host(token), range, nil, at: now)
    set(HeaderRegister.command, to: command.rawValue)
    set(HeaderRegister.expansionROM, to: register)
  }

  /// Sets a register that is the host's side's affair.
  mutating func set<Value: FixedWidthInteger & BitwiseCopyable>(_ register: Int, to value: Value) {
    var data: [UInt8] = []
    data.add(value)
    begin(.upkeep, configuration(register, data.count), data)
  }

  /// Resets the link, as the host means to reset the slot, when what it has sent before has arrived.
  private mutating func beginReset(_ port: FabricPort, in fabric: inout Fabric) -> Bool {
    guard let reset = recovery.resetting, reset.until == nil, accesses.first == nil else { return false }
    // One that is not there is as good as reset.
    guard fabric.state(ofLink: port.link) == .up else {
      endReset()
      return true
    }
    guard fabric.carriesNothing(from: port) else { return false }
    recovery.resetting?.until = fabric.now + Self.completionTimeout
    fabric.order(.hotReset, link: port.link)
    fabric.order(.up, link: port.link)
    return true
  }

  private mutating func beginUpkeep(at now: VirtualTime) -> Bool {
    guard recovery.upkeep != nil, recovery.upkeep?.due == nil else { return false }
    recovery.upkeep?.due = now + VfioUserUpkeep.pause
    return true
  }

  // MARK: What comes over the link

  private mutating func hear(_ node: any OutsideEnd, _ port: FabricPort, in fabric: inout Fabric) -> Bool {
    var hasMoved = false
    while loss == nil, (server?.output.count ?? 0) < Self.outputMax {
      if let news = node.outbox.firstNews {
        node.outbox.removeFirstNews()
        take(news, port, in: &fabric)
      } else if let tlp = node.outbox.first {
        take(tlp, node, port, in: &fabric)
        node.outbox.removeFirst(in: &fabric)
      } else {
        break
      }
      hasMoved = true
    }
    return hasMoved
  }

  private mutating func take(_ news: OutsideNews, _ port: FabricPort, in fabric: inout Fabric) {
    guard case .link(let change) = news else { return }
    guard change == .up else { return linkDown(port, in: &fabric) }
    if recovery.resetting?.until != nil { endReset() }
  }

  private mutating func endReset() {
    if let reset = recovery.resetting { server?.complete(reset.token) }
    recovery.resetting = nil
  }

  /// What was under way has no answer, and the device forgets what it was told.
  private mutating func linkDown(_ port: FabricPort, in fabric: inout Fabric) {
    failAll(in: &fabric)
    _ = failWaiting()
    recovery.upkeep = nil
    for index in memoryReads.indices { memoryReads[index].abandon() }
    registers.reset()
    forget()
  }

  /// The device has gone through a reset.
  mutating func forget() {
    interrupts.reset()
    server?.interrupts.setLine(false)
  }

  private mutating func take(
    _ tlp: FabricTLP, _ node: any OutsideEnd, _ port: FabricPort, in fabric: inout Fabric
  ) {
    switch tlp.kind {
    case .completion, .completionWithData, .completionLocked, .completionLockedWithData:
      complete(tlp, port, in: &fabric)
    case .memoryRead where tlp.header.addressType == TLPHeader.translationRequestType:
      refuse(tlp.header, "a host of this wire translates no addresses", port, in: &fabric)
    case .memoryRead: serveRead(tlp.header, port, in: &fabric)
    case .memoryWrite: serveWrite(tlp, port, in: &fabric)
    case .message, .messageWithData: takeMessage(tlp.header)
    default: refuse(tlp.header, "a host of this wire does not take it", port, in: &fabric)
    }
  }

  /// Reports what a host of its own would have found.
  func report(
    _ violation: Violation, _ header: TLPHeader?, _ text: String, _ port: FabricPort, in fabric: inout Fabric
  ) {
    fabric.report(
      Finding(
        time: fabric.now, violation: violation, node: port.node, link: port.link, header: header, text: text))
  }

  /// Answers a request that the host does not support, and drops what cannot be answered.
  func refuse(_ header: TLPHeader, _ reason: String, _ port: FabricPort, in fabric: inout Fabric) {
    report(
      .unsupportedRequest, header,
      "\(header.kind?.mnemonic ?? "TLP") from \(header.requesterID): \(reason)", port, in: &fabric)
    guard header.kind?.flowControlClass == .nonPosted else { return }
    let completion = TLPHeader.completion(of: header, status: .unsupportedRequest, completer: Self.host)
    fabric.send(FabricTLP(header: completion), from: port)
  }
}
