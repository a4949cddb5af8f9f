import LinkBroker
import PCIe
import RevereInterface
import Simulation
import Testing

@testable import Endpoints

/// A Revere-AMU below a root complex, with a driver for each function.
final class AMUBench {
  let root = RootComplex(node: 0, memoryBytes: 32 << 20)
  let unit: RevereAMU
  var fabric = Fabric()
  let address: FunctionAddress
  /// By function.
  private(set) var drivers: [AMUDriver] = []
  private let discovered: DiscoveredFunction

  static let ringArea: UInt64 = 0x10_0000

  init(
    virtualFunctions: Int = 0, starts: Bool = true, maxPayloadBytes: Int = 256,
    _ change: (inout RevereAMUConfiguration) -> Void = { _ in }
  ) throws {
    var configuration = RevereAMUConfiguration()
    configuration.virtualFunctions = virtualFunctions
    configuration.msixVectorCount = 16
    change(&configuration)
    unit = try RevereAMU(configuration)
    let (upper, lower) = (fabric.add(root), fabric.add(unit))
    _ = fabric.connect(
      upstream: (upper, 0), downstream: (lower, 0),
      LinkConfiguration(speed: .gt16, width: 8, maxPayloadBytes: maxPayloadBytes))
    discovered = try #require(try Enumerator.run(root, in: &fabric).last)
    address = discovered.address
    fabric.resetMeasurements()
    drivers.append(driver(0, at: try #require(discovered.bar(0)?.address)))
    if starts { drivers[0].start(control: 1 << 18 | 1 << 17 | 3, in: &fabric) }
    if virtualFunctions > 0 { try startVirtual(virtualFunctions) }
  }

  private func driver(_ function: Int, at registers: UInt64) -> AMUDriver {
    AMUDriver(
      root, registers: registers, memory: UInt64(0x4000 * function), socketType: unit.socketType)
  }

  /// Enables all virtual functions in SR-IOV, then each one's bus mastering and MSI-X.
  private func startVirtual(_ count: Int) throws {
    typealias Register = SingleRootVirtualizationCapability.Register
    let place = try #require(unit.function.space.places[.singleRootVirtualization])
    configure(address, place + Register.numVFs, 2, UInt32(count))
    // ARI Capable Hierarchy, where device 0 has too few function numbers.
    configure(address, place + Register.control, 2, count > 7 ? 0x19 : 0x9)
    let bar = try #require(discovered.virtualBars.first { $0.layout.index == 0 })
    for number in 1...count {
      let id = virtualID(number)
      configure(id, HeaderRegister.command, 2, 4)
      let registers = bar.address + UInt64(number - 1) * bar.layout.bytes
      drivers.append(driver(number, at: registers))
      drivers[number].start(control: 0, in: &fabric)
      try setUpInterrupts(number)
    }
  }

  private func setUpInterrupts(_ number: Int) throws {
    let function = try #require(unit.virtualFunction(number))
    let bar = try #require(discovered.virtualBars.first { $0.layout.index == 2 })
    let table = bar.address + UInt64(number - 1) * bar.layout.bytes
    let first = root.core.interrupts.allocate(
      function: virtualID(number), kind: .msix, vectors: function.msixVectorCount)
    for vector in 0..<function.msixVectorCount {
      var entry = [UInt8](repeating: 0, count: 16)
      entry.storeLE(InterruptTarget.address, at: 0)
      entry.storeLE(UInt32(first + vector), at: 8)
      _ = root.write(address: table + UInt64(vector) * 16, data: entry, in: &fabric)
    }
    configure(virtualID(number), try #require(function.space.places.msix) + 2, 2, 0x8000)
  }

  func virtualID(_ number: Int) -> FunctionAddress {
    FunctionAddress(rawValue: address.rawValue + UInt16(number))
  }

  func configure(_ target: FunctionAddress, _ offset: Int, _ size: Int, _ value: UInt32) {
    root.configurationWrite(to: target, offset: offset, size: size, value: value, in: &fabric)
  }

  func run() { fabric.runUntilIdle() }

  /// Lets the fabric run as long as something is so.
  func run(while isSo: () -> Bool) {
    while isSo() {
      guard fabric.step() else {
        Issue.record("the fabric has come to rest")
        return
      }
    }
  }

  // MARK: Commands

  /// Performs a command; gives the name of its status, nil when no response came.
  @discardableResult
  func command(_ name: String, _ fields: [String: UInt64] = [:], by function: Int = 0) -> String? {
    response(name, fields, by: function).map { command(name).status(of: $0) ?? "?" }
  }

  func response(_ name: String, _ fields: [String: UInt64] = [:], by function: Int = 0) -> [UInt8]? {
    let command = command(name)
    #expect(fields.keys.allSatisfy { command.requestField($0) != nil })
    let response = drivers[function].perform(command.message(fields), in: &fabric)
    if let response { #expect(InterfaceField.opcode.value(in: response) == UInt64(command.opcode)) }
    return response
  }

  /// A field of a response, by its name.
  func value(_ field: String, of name: String, _ response: [UInt8]?) -> UInt64? {
    response.flatMap { command(name).responseField(field)?.value(in: $0) }
  }

  func message(_ name: String, _ fields: [String: UInt64]) -> [UInt8] { command(name).message(fields) }

  private func command(_ name: String) -> InterfaceCommand {
    guard let command = RevereInterface.command(name) else { preconditionFailure("no command \(name)") }
    return command
  }

  /// The next exception of a function, by name and fields.
  func exception(of function: Int = 0) -> (name: String, fields: [String: UInt64])? {
    run()
    guard let message = drivers[function].take(.exceptions, in: &fabric) else { return nil }
    let opcode = UInt16(InterfaceField.opcode.value(in: message))
    guard let exception = RevereInterface.exceptions.first(where: { $0.opcode == opcode }) else { return nil }
    let fields = exception.fields.map { ($0.name, $0.value(in: message)) }
    return (exception.name, Dictionary(uniqueKeysWithValues: fields))
  }

  // MARK: Registers

  func read(_ offset: Int, of function: Int = 0) -> UInt64 { drivers[function].read(offset, in: &fabric) }

  func write(_ offset: Int, _ value: UInt64, of function: Int = 0) {
    drivers[function].write(offset, value, in: &fabric)
    run()
  }

  func errorState(of function: Int = 0) -> UInt64 { read(AMULayout.status, of: function) }

  // MARK: Contexts

  /// Maps and enables software context `number` of a function, with TX and RX rings of some sockets.
  func openSoftware(
    _ number: Int, physical: Int? = nil, function: Int = 0, sockets: Range<Int> = 0..<1, log2Size: Int = 8,
    fields: [String: UInt64] = [:], ringFields: [String: UInt64] = [:]
  ) {
    let place = UInt64(physical ?? number)
    #expect(
      command(
        "PF_AMI_SW_MAP",
        ["PHY_AMI_SW_ID": place, "AMI_SW_ID": UInt64(number), "F_OWNER": UInt64(function)])
        == "AMI_SW_MAPPED_SUCCESSFULLY")
    let id = UInt64(number)
    command("F_AMI_SW_DISABLE", ["AMI_SW_ID": id], by: function)
    command("F_AMI_SW_RESET", ["AMI_SW_ID": id], by: function)
    command("F_AMI_SW_CONFIGURE", fields.merging(["AMI_SW_ID": id]) { $1 }, by: function)
    for socket in sockets {
      for type in 0..<2 {
        var ring: [String: UInt64] = [
          "AMI_SW_ID": id, "AMS_ID": UInt64(socket), "AMS_TYPE": UInt64(1 - type),
          "LOG2_SIZE": UInt64(log2Size),
          "RING_BASE": ringBase(Int(place), socket, type) >> 3,
        ]
        ring.merge(ringFields) { $1 }
        #expect(command("F_AMS_RING_CONFIGURE", ring, by: function) == "AMS_RING_CONFIGURED_SUCCESSFULLY")
      }
    }
    #expect(
      command("F_AMI_SW_ENABLE", ["AMI_SW_ID": id], by: function) == "AMI_SW_ENABLED_SUCCESSFULLY")
  }

  /// 16 KiB for each ring, 64 sockets of both kinds for each of two contexts, 16 sockets for more.
  func ringBase(_ physical: Int, _ socket: Int, _ type: Int) -> UInt64 {
    Self.ringArea + UInt64((physical * 64 + socket) * 2 + type) * 0x4000
  }

  func openHardware(_ number: Int, physical: Int? = nil, accelerator: Int = 0, function: Int = 0) {
    #expect(
      command(
        "PF_AMI_HW_MAP",
        [
          "AHA_ID": UInt64(accelerator), "PHY_AMI_HW_ID": UInt64(physical ?? number),
          "AMI_HW_ID": UInt64(number), "F_OWNER": UInt64(function),
        ]) == "AMI_HW_MAPPED_SUCCESSFULLY")
    command("F_AMI_HW_RESET", ["AMI_HW_ID": UInt64(number)], by: function)
    #expect(
      command("F_AMI_HW_ENABLE", ["AMI_HW_ID": UInt64(number)], by: function)
        == "AMI_HW_ENABLED_SUCCESSFULLY")
  }

  enum End {
    case software(Int, Int = 0)
    case hardware(Int, Int = 0, accelerator: Int = 0)

    var fields: (type: UInt64, context: UInt64, socket: UInt64, accelerator: UInt64) {
      switch self {
      case .software(let context, let socket): (0, UInt64(context), UInt64(socket), 0)
      case .hardware(let context, let socket, let accelerator):
        (1, UInt64(context), UInt64(socket), UInt64(accelerator))
      }
    }
  }

  /// A session between two ends by physical IDs.
  @discardableResult
  func connect(_ session: Int, _ source: End, _ target: End, _ fields: [String: UInt64] = [:]) -> String? {
    let (from, to) = (source.fields, target.fields)
    var all: [String: UInt64] = [
      "ASN_ID": UInt64(session), "LOG2_MSG_LENGTH": 3, "SRC_AMI_TYPE": from.type,
      "SRC_PHY_AMI_ID": from.context, "SRC_AMS": from.socket, "SRC_AHA_ID": from.accelerator,
      "DST_AMI_TYPE": to.type, "DST_PHY_AMI_ID": to.context, "DST_AMS": to.socket,
      "DST_AHA_ID": to.accelerator,
    ]
    all.merge(fields) { $1 }
    return command("PF_ASN_CREATE", all)
  }

  /// Context 0 through an accelerator and back by socket 0: the whole path.
  func openLoop(_ fields: [String: UInt64] = [:], log2Size: Int = 8, session: [String: UInt64] = [:]) {
    openSoftware(0, log2Size: log2Size, fields: fields)
    openHardware(0)
    #expect(connect(0, .software(0), .hardware(0), session) == "ASN_CREATED_SUCCESSFULLY")
    #expect(connect(1, .hardware(0), .software(0), session) == "ASN_CREATED_SUCCESSFULLY")
  }

  // MARK: Messages

  private var rings: [[Int]: AMUDriverRing] = [:]

  func ring(_ physical: Int, _ socket: Int, _ type: Int, log2Size: Int = 8, bytes: Int = 64) -> AMUDriverRing
  {
    rings[[physical, socket, type]]
      ?? AMUDriverRing(base: ringBase(physical, socket, type), log2Size: log2Size, messageBytes: bytes)
  }

  /// Sets the indexes of the first socket of context 0.
  func setRingIndexes(_ index: UInt64, log2Size: Int) {
    for type in 0..<2 {
      var ring = ring(0, 0, type, log2Size: log2Size)
      ring.index = index
      rings[[0, 0, type]] = ring
    }
  }

  /// Forgets the indexes of all rings, as after a reset.
  func forgetRings() { rings = [:] }

  /// Puts messages into a ring and rings its doorbell.
  func send(
    _ messages: [[UInt8]], number: Int = 0, physical: Int? = nil, socket: Int = 0, function: Int = 0,
    log2Size: Int = 8, runs: Bool = true
  ) {
    let place = physical ?? number
    var ring = ring(place, socket, 0, log2Size: log2Size, bytes: messages.first?.count ?? 64)
    ring.put(messages.count, to: root) { messages[$0] }
    rings[[place, socket, 0]] = ring
    drivers[function].write(
      AMULayout.page(ofContext: number) + AMULayout.transmitWrite + socket * 8, ring.index, in: &fabric)
    if runs { run() }
  }

  /// Takes all messages that have come.
  func receive(
    number: Int = 0, physical: Int? = nil, socket: Int = 0, function: Int = 0, log2Size: Int = 8,
    bytes: Int = 64, most: Int = .max
  ) -> [[UInt8]] {
    run()
    let page = AMULayout.page(ofContext: number)
    let place = physical ?? number
    var ring = ring(place, socket, 1, log2Size: log2Size, bytes: bytes)
    let index = read(page + AMULayout.receiveWrite + socket * 8, of: function)
    let count = min(Int(index &- ring.index), most)
    let data = ring.take(count, from: root)
    rings[[place, socket, 1]] = ring
    write(page + AMULayout.receiveRead + socket * 8, ring.index, of: function)
    return stride(from: 0, to: data.count, by: bytes).map { Array(data[$0..<$0 + bytes]) }
  }

  /// Messages that differ from each other.
  func messages(_ count: Int, bytes: Int = 64, seed: UInt64 = 1) -> [[UInt8]] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in generator.bytes(bytes) }
  }

  var violations: [Violation] { fabric.findings.map(\.violation) }

  /// Whether an interrupt of a function has come that was not claimed.
  func hasInterrupt(_ vector: Int, of function: Int = 0) -> Bool {
    run()
    return root.claimInterrupt(
      .msix, vector: vector, from: function == 0 ? address : virtualID(function))
  }

  func interrupts(_ vector: Int, of function: Int = 0) -> Int {
    var count = 0
    while hasInterrupt(vector, of: function) { count += 1 }
    return count
  }
}

extension [[UInt8]] {
  var inverted: [[UInt8]] { map { $0.map { ~$0 } } }
}
