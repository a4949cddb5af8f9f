import Codecs
import Endpoints
import LinkBroker
import PCIe
import RevereInterface
import Simulation

/// What the figures of the Revere-AMU run on: a unit below a root complex, with contexts that are
/// joined to an accelerator and back, set up by the driver's commands.
final class MeasuredAMU {
  static let messageBytes = 64
  /// The messages of one batch.
  static let batch = 64
  static let log2Slots = 7
  private static let ringDistance = UInt64((messageBytes << log2Slots) + messageBytes)

  private static let link = LinkConfiguration(speed: .gt8, width: 4, maxPayloadBytes: 512)
  private var fabric = Fabric(maxPayloadBytes: 512)
  private let root: RootComplex
  private let driver: AMUDriver
  private let address: FunctionAddress
  private var transmit: [AMUDriverRing] = []
  private var receive: [AMUDriverRing] = []
  private var next = 0
  private let message: [UInt8]

  /// Where buffers of accelerators stand in host memory.
  static let source = 32 << 20
  static let target = 40 << 20

  /// - Parameter contexts: software contexts that are mapped and joined to the accelerator.
  init(contexts: Int, agent: any AcceleratorAgent) throws {
    var configuration = RevereAMUConfiguration()
    configuration.softwareContexts = contexts
    configuration.hardwareContexts = (contexts + 63) / 64
    configuration.sessions = contexts * 2
    configuration.agents = [agent]
    root = RootComplex(node: 0, memoryBytes: 64 << 20)
    let (upper, lower) = (fabric.add(root), fabric.add(try RevereAMU(configuration)))
    _ = fabric.connect(upstream: (upper, 0), downstream: (lower, 0), Self.link)
    guard let found = try Enumerator.run(root, in: &fabric).last, let bar = found.bar(0) else {
      preconditionFailure("enumeration finds the unit")
    }
    address = found.address
    driver = AMUDriver(root, registers: bar.address, memory: 0)
    message = (0..<Self.messageBytes).map { UInt8(truncatingIfNeeded: $0 &* 29 &+ 7) }
    readLargely(found)
    driver.start(control: 1, in: &fabric)
    for context in 0..<configuration.hardwareContexts {
      let id = UInt64(context)
      command("PF_AMI_HW_MAP", ["PHY_AMI_HW_ID": id, "AMI_HW_ID": id])
      command("F_AMI_HW_ENABLE", ["AMI_HW_ID": id])
    }
    for context in 0..<contexts { open(context) }
    fabric.resetMeasurements()
  }

  /// Sets Max_Read_Request_Size to 4 KiB, as drivers of devices that read large buffers do.
  private func readLargely(_ found: DiscoveredFunction) {
    let place = (found.capabilities[CapabilityID.express.rawValue] ?? 0) + 8
    let control = root.configurationRead(of: address, offset: place, in: &fabric).value & 0x8fff | 5 << 12
    _ = root.configurationWrite(to: address, offset: place, size: 2, value: control & 0xffff, in: &fabric)
  }

  private func command(_ name: String, _ fields: [String: UInt64]) {
    guard let command = RevereInterface.command(name),
      let response = driver.perform(command.message(fields), in: &fabric),
      InterfaceField.status.value(in: response) == 0
    else { preconditionFailure("\(name) succeeds") }
  }

  private func open(_ context: Int) {
    let id = UInt64(context)
    command("PF_AMI_SW_MAP", ["PHY_AMI_SW_ID": id, "AMI_SW_ID": id])
    command("F_AMI_SW_CONFIGURE", ["AMI_SW_ID": id, "RX_VECTOR": 1, "RX_IRQ_ENABLE": 1])
    for type in 0..<2 {
      // A message apart, or the slots of all rings would be in a few sets of the cache.
      let base = UInt64(1 << 20) + UInt64(context * 2 + type) * Self.ringDistance
      command(
        "F_AMS_RING_CONFIGURE",
        [
          "AMI_SW_ID": id, "AMS_TYPE": UInt64(1 - type), "LOG2_SIZE": UInt64(Self.log2Slots),
          "RING_BASE": base >> 3,
        ])
      let ring = AMUDriverRing(base: base, log2Size: Self.log2Slots, messageBytes: Self.messageBytes)
      if type == 0 { transmit.append(ring) } else { receive.append(ring) }
    }
    let hardware: [String: UInt64] = ["PHY_AMI_ID": id / 64, "AMS": id % 64, "AMI_TYPE": 1]
    let software: [String: UInt64] = ["PHY_AMI_ID": id, "AMS": 0, "AMI_TYPE": 0]
    for (session, from, to) in [(id * 2, software, hardware), (id * 2 + 1, hardware, software)] {
      var fields: [String: UInt64] = ["ASN_ID": session, "LOG2_MSG_LENGTH": 3]
      for (name, value) in from { fields["SRC_\(name)"] = value }
      for (name, value) in to { fields["DST_\(name)"] = value }
      command("PF_ASN_CREATE", fields)
    }
    command("F_AMI_SW_ENABLE", ["AMI_SW_ID": id])
  }

  /// Puts messages into the ring of a context and lets all come back; gives the answers.
  @discardableResult
  private func exchange(_ context: Int, _ messages: Int, _ message: [UInt8]) -> [UInt8] {
    transmit[context].put(messages, to: root) { _ in message }
    let page = AMULayout.page(ofContext: context)
    driver.write(page + AMULayout.transmitWrite, transmit[context].index, in: &fabric)
    var claimed = 0
    while fabric.step() {
      while root.claimInterrupt(.msix, vector: 1, from: address) { claimed += 1 }
    }
    precondition(claimed > 0, "the digest raises the interrupt")
    let answers = receive[context].take(messages, from: root)
    driver.write(page + AMULayout.receiveRead, receive[context].index, in: &fabric)
    return answers
  }

  /// Messages through the accelerator and back, one after the other, by one context after the other.
  func roundTrips(_ count: Int) {
    for _ in 0..<count {
      exchange(next, 1, message)
      next = (next + 1) % transmit.count
    }
  }

  /// Batches of messages.
  func batches(_ count: Int) {
    for _ in 0..<count { exchange(0, Self.batch, message) }
  }

  // MARK: Compression

  static let pieceBytes = 65_536
  static let depth = 16

  /// Text that compresses as text does.
  static func text() -> [UInt8] {
    var generator = SeededGenerator(seed: 11)
    let words = (0..<512).map { _ in generator.bytes(6).map { 97 + $0 % 26 } }
    var text: [UInt8] = []
    while text.count < pieceBytes * depth {
      text += words[Int(generator.bytes(1)[0]) * 2 + Int(generator.bytes(1)[0]) & 1] + [32]
    }
    return Array(text.prefix(pieceBytes * depth))
  }

  /// Puts the text where the requests find it.
  func placeText() { root.setMemory(Self.text(), at: Self.source) }

  /// Requests to compress, as many at a time as the depth says.
  func compressions(_ count: Int) {
    for _ in 0..<count {
      transmit[0].put(Self.depth, to: root) { number in
        var request = [UInt8](repeating: 0, count: Self.messageBytes)
        request.storeLE(UInt64(Self.source + number * Self.pieceBytes), at: 8)
        request.storeLE(UInt64(Self.target + number * Self.pieceBytes), at: 16)
        request.storeLE(UInt32(Self.pieceBytes), at: 24)
        request.storeLE(UInt32(Self.pieceBytes), at: 28)
        return request
      }
      driver.write(AMULayout.page(ofContext: 0) + AMULayout.transmitWrite, transmit[0].index, in: &fabric)
      fabric.runUntilIdle()
      let answers = receive[0].take(Self.depth, from: root)
      for number in 0..<Self.depth {
        let status: UInt32 = answers.loadLE(at: number * Self.messageBytes + 40)
        precondition(status == 0, "the text is compressed")
      }
      driver.write(AMULayout.page(ofContext: 0) + AMULayout.receiveRead, receive[0].index, in: &fabric)
    }
  }

  /// The same by the library alone.
  static func compressionsAlone(_ text: [UInt8], _ count: Int) {
    for _ in 0..<count {
      for number in 0..<depth {
        let piece = Array(text[number * pieceBytes..<(number + 1) * pieceBytes])
        precondition(
          DeflateStream.whole(piece, .compress(level: nil), .zlib) != nil, "the text is compressed")
      }
    }
  }

  /// Whether no rule was broken, answers are complements, and nothing is left behind.
  func endsClean(isInverting: Bool) -> Bool {
    let isRight = !isInverting || exchange(0, 1, message) == message.map { ~$0 }
    fabric.runUntilIdle()
    return isRight && fabric.findings.isEmpty && fabric.payloads.used == 0
  }
}
