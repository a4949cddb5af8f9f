import Glibc
import LinkBroker
import PCIe
import Simulation
import Testing

@testable import Transports

/// A client and a device on Warp Pipe wires of their own, and the broker between them; the clock is the test's.
@Suite final class WarpPipeRelayTests {
  private var fabric: Fabric
  private let nodes = (client: OutsidePort(), device: OutsidePort())
  private let transports: (client: WarpPipeTransport, device: WarpPipeTransport)
  /// The peers' ends of the wires.
  private let sockets: (client: PeerSocket, device: PeerSocket)

  /// One end of a connection.
  private final class PeerSocket {
    let socket: StreamSocket
    var reader = WarpPipeReader()

    init(_ socket: consuming StreamSocket) { self.socket = socket }

    func send(_ frames: WarpPipeFrame...) throws {
      for frame in frames { try #require(socket.write(frame.bytes[...]) == .taken(frame.bytes.count)) }
    }

    /// The TLPs that have come since the last call.
    func take() throws -> [(sequence: UInt16, tlp: TLP)] {
      if case .bytes(let bytes) = socket.read() { reader.append(bytes) }
      var tlps: [(sequence: UInt16, tlp: TLP)] = []
      while case .frame(let frame) = try reader.next() {
        if case .tlp(let sequence, let tlp) = frame { tlps.append((sequence, tlp)) }
      }
      return tlps
    }
  }

  init() throws {
    var fabric = Fabric(maxPayloadBytes: 4096)
    let upper = fabric.add(nodes.client)
    let lower = fabric.add(nodes.device)
    _ = fabric.connect(
      upstream: (upper, 0), downstream: (lower, 0),
      LinkConfiguration(speed: .gt8, width: 4, maxPayloadBytes: 256))
    func wire(_ settings: WarpPipeSettings) throws -> (WarpPipeTransport, PeerSocket) {
      var ends: [CInt] = [-1, -1]
      let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
      try #require(unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0)
      return (
        WarpPipeTransport(
          takingOver: StreamSocket(owning: ends[0]), WarpPipeSession(settings), OutsideSettings()),
        PeerSocket(StreamSocket(owning: ends[1]))
      )
    }
    let device = FunctionAddress(bus: 1, device: 0, function: 0)
    let (one, other) = try (
      wire(WarpPipeSettings(role: .host)), wire(WarpPipeSettings(role: .device, peer: device))
    )
    transports = (one.0, other.0)
    sockets = (one.1, other.1)
    self.fabric = fabric
  }

  /// Lets both sides do what they can at an instant.
  private func pass(_ milliseconds: UInt64) {
    let time = VirtualTime.zero + .milliseconds(milliseconds)
    // What a wait does when it finds them ready.
    transports.client.wake([])
    transports.device.wake([])
    for _ in 0..<3 {
      _ = fabric.follow(clock: time)
      _ = transports.client.exchange(with: nodes.client, in: &fabric)
      _ = fabric.follow(clock: time)
      _ = transports.device.exchange(with: nodes.device, in: &fabric)
    }
  }

  /// The client writes and reads; gives the numbers that write and read have on the device's wire.
  private func begin() throws -> (write: UInt16, read: UInt16, request: TLPHeader) {
    try sockets.client.send(
      .tlp(
        sequence: 1,
        TLP(header: .memoryWrite(address: 0x1000, bytes: 4, requester: .unnamed), payload: [1, 2, 3, 4])),
      .tlp(
        sequence: 2,
        TLP(header: .memoryRead(address: 0x1000, bytes: 4, requester: .unnamed, tag: 9))))
    pass(0)
    let sent = try sockets.device.take()
    let write = try #require(sent.first { $0.tlp.header.kind == .memoryWrite })
    let read = try #require(sent.first { $0.tlp.header.kind == .memoryRead })
    return (write.sequence, read.sequence, read.tlp.header)
  }

  private func completions() throws -> [TLP] {
    try sockets.client.take().map(\.tlp).filter { $0.header.isCompletionShaped }
  }

  /// What the device has not been able to take yet is not late.
  @Test func readIsTimedFromWhenItIsSentOut() throws {
    let (write, read, request) = try begin()
    pass(600)
    try sockets.device.send(.dllp(.ack(sequence: write)))
    pass(600)
    pass(1001)
    #expect(try completions().isEmpty)
    var answer = TLPHeader.completionWithWord(of: request, completer: .unnamed)
    answer.byteCount = 4
    try sockets.device.send(
      .dllp(.ack(sequence: read)), .tlp(sequence: 1, TLP(header: answer, payload: [1, 2, 3, 4])))
    pass(1500)
    let ends = try completions()
    #expect(ends.map(\.header.completionStatus) == [.successful])
    #expect(ends.map(\.payload) == [[1, 2, 3, 4]])
    #expect(fabric.takeFindings().isEmpty)
  }

  /// A device that has begun to take nothing at all is not waited for twice.
  @Test func readAtASilentDeviceEndsInTime() throws {
    let (write, _, _) = try begin()
    try sockets.device.send(.dllp(.ack(sequence: write)))
    pass(0)
    pass(999)
    #expect(try completions().isEmpty)
    pass(1001)
    #expect(try completions().map(\.header.completionStatus) == [.unsupportedRequest])
    #expect(fabric.takeFindings().map(\.violation) == [.completionTimeout])
  }

  /// What the device has taken is timed from then on, whatever it takes after that.
  @Test func readThatTheDeviceHasTakenIsGivenUp() throws {
    let (write, read, _) = try begin()
    pass(600)
    try sockets.device.send(.dllp(.ack(sequence: write)), .dllp(.ack(sequence: read)))
    pass(600)
    pass(1100)
    #expect(try completions().isEmpty)
    try sockets.client.send(
      .tlp(
        sequence: 3,
        TLP(header: .memoryWrite(address: 0x1000, bytes: 4, requester: .unnamed), payload: [1, 2, 3, 4])))
    pass(1200)
    let next = try #require(sockets.device.take().first)
    try sockets.device.send(.dllp(.ack(sequence: next.sequence)))
    pass(1200)
    pass(1599)
    #expect(try completions().isEmpty)
    pass(1601)
    #expect(try completions().map(\.header.completionStatus) == [.unsupportedRequest])
  }
}
