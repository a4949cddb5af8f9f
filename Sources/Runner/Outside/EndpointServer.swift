import Endpoints
import LinkBroker
import PCIe
import Simulation
public import SuiteLanguage
public import Transports

/// A model on its own, for whoever has a runner already: one link, at the other end of which a program sits.
public struct EndpointServer {
  /// How the program is reached.
  public enum Wire: Hashable, Sendable {
    /// Warp Pipe's protocol; the program is the host.
    case warpPipe(WarpPipeReception.Call)
    /// The protocol vfio-user; a program such as QEMU comes as host.
    case vfioUser(path: String)
    /// The link library; a program comes as host.
    case reception(path: String, node: String)
    /// The link library; another broker has a node for this model.
    case program(url: String)

    /// Reads `tcp:HOST:PORT`, `unix:PATH#NODE` or, where it listens, `vfio-user:PATH`; nil for all else.
    public init?(_ text: String, isListening: Bool) {
      if text.hasPrefix("unix:"), let mark = text.lastIndex(of: "#") {
        let path = text[text.index(text.startIndex, offsetBy: 5)..<mark]
        self =
          isListening
          ? .reception(path: String(path), node: String(text[text.index(after: mark)...]))
          : .program(url: text)
      } else if text.hasPrefix(Self.vfioUserMark), isListening, text.count > Self.vfioUserMark.count {
        self = .vfioUser(path: String(text.dropFirst(Self.vfioUserMark.count)))
      } else if text.hasPrefix("tcp:"), let address = SocketAddress(text) {
        self = .warpPipe(isListening ? .listen(address) : .connect(address, isPatient: false))
      } else {
        return nil
      }
    }

    private static let vfioUserMark = "vfio-user:"
  }

  private let settings: ModelSettings
  private let wire: Wire
  private let seed: UInt64

  /// - Units: `seed` decides what the model leaves to chance.
  public init(_ settings: ModelSettings, wire: Wire, seed: UInt64 = 0) {
    self.settings = settings
    self.wire = wire
    self.seed = seed
  }

  /// Serves one program from its coming to its going.
  ///
  /// - Parameter tell: takes what a person wants to know: where it listens, who came, what was wrong.
  /// - Throws: why the model cannot be built or the wire cannot be made.
  public func serve(tell: (String) -> Void) throws {
    var fabric = Fabric(maxPayloadBytes: 4096)
    let host = OutsidePort()
    let upper = fabric.add(host)
    let endpoint = try EndpointBuilder.endpoint(settings.model.rawValue, settings, seed: seed)
    endpoint.function.setLeastCompletionTimeout(Self.patience)
    let lower = fabric.add(endpoint)
    let link = fabric.connect(
      upstream: (upper, 0), downstream: (lower, 0),
      LinkConfiguration(speed: .gt8, width: 4, maxPayloadBytes: maxPayloadBytes))
    if case .warpPipe = wire { setPayload(of: endpoint.function, from: host, in: &fabric) }
    let clock = RealClock()
    let door = try door()
    if let place = door?.place { tell("listening at \(place)") }
    let transport = try transport(door, host.settings(in: fabric), tell)
    tell("connected")
    var loop = OutsideLoop()
    var waits = 0
    loop.add(OutsidePeer(name: "host", node: host, transport: transport, link: link))
    while true {
      if loop.serve(&fabric, clock: { clock.now }) {
        for note in transport.takeNotes() { tell(note) }
      } else if loop.wait(fabric, for: door?.waits ?? [], until: .never, now: { clock.now }) {
        waits += 1
        if waits % Self.waitsBetweenLooks == 0, let door, door.look() {
          for note in door.takeNotes() { tell(note) }
        }
      }
      // Nobody else waits here, and a person may have stopped the program to look at it. Until that is
      // settled the loop does not sleep.
      if transport.isOverdue(at: clock.now) { transport.settleOverdue(at: clock.now, isExcused: true) }
      for finding in fabric.takeFindings() { tell("\(finding.violation.rawValue): \(finding.text)") }
      if case .lost(let loss) = transport.state { return tell("\(loss)") }
    }
  }

  /// How long the model waits for a program that the machine may keep from running.
  private static let patience = VirtualDuration.seconds(5)

  /// Nothing of a Warp Pipe program knows of payload sizes, so that they may be as large as its frames.
  private var maxPayloadBytes: Int { if case .warpPipe = wire { 4096 } else { 512 } }

  /// Sets Max_Payload_Size for a host that does not.
  ///
  /// - Source: PCI Express Base 5.0, 7.5.3.4 "Device Control Register": bits 7:5, 128 bytes to the power.
  private func setPayload(of function: Function, from host: OutsidePort, in fabric: inout Fabric) {
    guard let port = host.port, let express = function.space.places.express else { return }
    let target = FunctionAddress(bus: 1, device: 0, function: 0)
    let header = TLPHeader.configurationWrite(
      to: target, offset: express + ExpressCapability.Register.deviceControl, bytes: 2,
      requester: FunctionAddress(rawValue: 0), tag: 0)
    let code = maxPayloadBytes.trailingZeroBitCount - 7
    let value =
      function.space.word(express + ExpressCapability.Register.deviceControl) & ~0xe0 | UInt16(code << 5)
    let payload = fabric.payloads.take(bytes: 4)
    fabric.payloads.setWord(payload, to: UInt32(value))
    fabric.send(FabricTLP(header: header, payload: payload), from: port)
    fabric.runUntilIdle()
    host.outbox.discard(in: &fabric)
  }

  /// Who comes to a link that is taken can wait; a look takes as long as the rest of an answer.
  private static let waitsBetweenLooks = 64

  /// Where the program comes to us; nil when we go to it.
  private func door() throws -> (any LinkDoor)? {
    switch wire {
    case .warpPipe(let call):
      try WarpPipeReception(.host, node: settings.model.rawValue, call, maxPayloadBytes: maxPayloadBytes)
    case .vfioUser(let path): try VfioUserReception(path: path, node: settings.model.rawValue)
    case .reception(let path, let node): try LinkReception(path: path, node: node)
    case .program: nil
    }
  }

  /// Waits for a program that comes as host, or goes to one.
  private func transport(
    _ door: (any LinkDoor)?, _ settings: OutsideSettings, _ tell: (String) -> Void
  ) throws -> any Transport {
    if case .program(let url) = wire { return try LinkClientTransport(url: url) }
    guard let door else { preconditionFailure("who goes to no program has a door") }
    while true {
      if !door.look() { Readiness.wait(for: door.waits, nanoseconds: door.patience) }
      for note in door.takeNotes() { tell(note) }
      // Whoever is sent away at the door of the link library leaves it to the next.
      let isLast = if case .reception = wire { false } else { true }
      if isLast, let failure = door.failure { throw NoProgram(description: failure) }
      guard let hello = door.hello else { continue }
      if hello.role == .host { return try door.welcome(settings) }
      door.refuse("a host is wanted here, and it is a device")
    }
  }

  /// Why nobody comes.
  private struct NoProgram: Error, CustomStringConvertible {
    let description: String
  }
}
