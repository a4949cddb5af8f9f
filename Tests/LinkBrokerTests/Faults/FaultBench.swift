import PCIe
import Simulation

@testable import LinkBroker

/// A link between two scripted nodes, and faults on its downstream direction unless told otherwise.
struct FaultBench: ~Copyable {
  var pair: Pair

  static let down = [LinkFault.Direction(link: 0, isDownstream: true)]
  static let up = [LinkFault.Direction(link: 0, isDownstream: false)]

  init(_ configuration: LinkConfiguration = LinkConfiguration(), infiniteCompletions: Bool = true) {
    pair = Pair(configuration, deviceTakesEveryCompletion: infiniteCompletions)
  }

  var device: ScriptedNode { pair.device }
  var root: ScriptedNode { pair.root }

  mutating func arm(_ faults: LinkFault...) { pair.fabric.arm(faults) }

  mutating func send(_ samples: [Sample]) {
    for sample in samples {
      var tlp = FabricTLP(header: sample.header)
      tlp.interrupt = sample.interrupt
      if !sample.payload.isEmpty {
        tlp.payload = pair.fabric.payloads.take(bytes: sample.payload.count)
        pair.fabric.payloads.write(sample.payload, from: 0, count: sample.payload.count, to: tlp.payload)
      }
      if let port = root.port { pair.fabric.send(tlp, from: port) }
    }
  }

  mutating func run(_ samples: [Sample]) {
    send(samples)
    pair.fabric.runUntilIdle()
  }

  /// The addresses or tags of what has arrived, as they tell samples of one kind from each other.
  var addresses: [UInt64] { device.arrivals.map(\.header.address) }
  var violations: [Violation] { pair.fabric.findings.map(\.violation) }
}

/// A TLP for a test to send.
struct Sample: Hashable, Sendable {
  var name: String
  var header: TLPHeader
  var payload: [UInt8] = []
  var interrupt: Int16 = -1

  init(_ name: String, _ header: TLPHeader, interrupt: Int16 = -1) {
    self.name = name
    self.header = header
    self.interrupt = interrupt
    payload = (0..<header.payloadBytes).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 1) }
  }

  static func write(_ address: UInt64, bytes: Int = 4) -> Sample {
    Sample("write", .memoryWrite(address: address, bytes: bytes, requester: requester))
  }

  static func read(_ address: UInt64, bytes: Int = 4, tag: UInt16) -> Sample {
    Sample("read", .memoryRead(address: address, bytes: bytes, requester: requester, tag: tag))
  }

  static let other = FunctionAddress(bus: 4, device: 2, function: 1)

  /// A piece of the answer to a read by another function.
  static func data(tag: UInt16, at address: UInt64 = 0, bytes: Int = 4, remaining: Int = 4) -> Sample {
    let request = TLPHeader.memoryRead(address: address, bytes: bytes, requester: other, tag: tag)
    return Sample(
      "data",
      .completionWithData(
        of: request, completer: requester, address: address, bytes: bytes, remainingBytes: remaining))
  }

  /// One of each kind of TLP that the rules know, all well-formed.
  static let kinds: [Sample] = {
    let device = FunctionAddress(bus: 1, device: 0, function: 0)
    let wide: UInt64 = 0x12_0000_2000
    var samples = [
      write(0x1000), write(0x2000, bytes: 64), Sample("wide write", LinkBrokerTests.write(wide, bytes: 16)),
      Sample("interrupt", LinkBrokerTests.write(0xfee0_0000), interrupt: 3), read(0x1000, tag: 5),
      Sample("wide read", LinkBrokerTests.read(wide, bytes: 32, tag: 0x1ff)),
      Sample(
        "locked read", .memoryReadLocked(address: 0x3000, bytes: 8, requester: requester, tag: 6)),
      Sample("I/O read", .ioRead(address: 0x400, bytes: 4, requester: requester, tag: 7)),
      Sample("I/O write", .ioWrite(address: 0x404, bytes: 1, requester: requester, tag: 8)),
      Sample("message", .message(.assertINTA, requester: requester)), data(tag: 5, bytes: 8, remaining: 8),
      Sample(
        "completion",
        .completion(
          of: LinkBrokerTests.read(0, tag: 9), status: .successful, completer: other)),
    ]
    for isType1 in [false, true] {
      samples.append(
        Sample(
          "configuration read",
          .configurationRead(
            of: device, offset: 4, bytes: 4, requester: requester, tag: 10, isType1: isType1)))
      samples.append(
        Sample(
          "configuration write",
          .configurationWrite(
            to: device, offset: 8, bytes: 2, requester: requester, tag: 11, isType1: isType1)))
    }
    for (place, kind) in [TLPKind.fetchAdd, .swap, .compareAndSwap].enumerated() {
      samples.append(
        Sample(
          kind.mnemonic,
          .atomic(
            kind, address: 0x4000, operandBytes: 8, requester: requester, tag: UInt16(12 + place))))
    }
    return samples
  }()
}
