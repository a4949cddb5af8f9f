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
    case warpPipe(WarpPipeTransport.Call)
    /// The link library; a program comes as host.
    case reception(path: String, node: String)
    /// The link library; another broker has a node for this model.
    case program(url: String)

    /// Reads `tcp:HOST:PORT` or `unix:PATH#NODE`; nil for everything else.
    public init?(_ text: String, isListening: Bool) {
      if text.hasPrefix("unix:"), let mark = text.lastIndex(of: "#") {
        let path = text[text.index(text.startIndex, offsetBy: 5)..<mark]
        self =
          isListening
          ? .reception(path: String(path), node: String(text[text.index(after: mark)...]))
          : .program(url: text)
      } else if text.hasPrefix("tcp:"), let address = SocketAddress(text) {
        self = .warpPipe(isListening ? .listen(address) : .connect(address))
      } else {
        return nil
      }
    }
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
    let lower = fabric.add(try EndpointBuilder.endpoint(settings.model.rawValue, settings, seed: seed))
    let link = fabric.connect(
      upstream: (upper, 0), downstream: (lower, 0),
      LinkConfiguration(speed: .gt8, width: 4, maxPayloadBytes: Self.maxPayloadBytes))
    let clock = RealClock()
    let transport = try connect(host, fabric, tell)
    var loop = OutsideLoop()
    loop.add(OutsidePeer(name: "host", node: host, transport: transport, link: link))
    var isUp = false
    while true {
      if loop.turn(&fabric, at: clock.now) {
        for note in transport.takeNotes() { tell(note) }
      } else {
        _ = loop.wait(fabric, for: [], until: .never) { clock.now }
      }
      if !isUp, transport.state == .up {
        isUp = true
        tell("connected")
      }
      for finding in fabric.takeFindings() { tell("\(finding.violation.rawValue): \(finding.text)") }
      if case .lost(let loss) = transport.state { return tell("\(loss)") }
    }
  }

  private static let maxPayloadBytes = 512

  private func connect(
    _ host: OutsidePort, _ fabric: borrowing Fabric, _ tell: (String) -> Void
  ) throws -> any Transport {
    switch wire {
    case .warpPipe(let call):
      // A host of this wire sets no Max_Payload_Size, so the function has that of a reset, as the session.
      let transport = try WarpPipeTransport(WarpPipeSettings(role: .host), call)
      if let address = transport.address { tell("listening at \(address)") }
      return transport
    case .program(let url): return try LinkClientTransport(url: url)
    case .reception(let path, let node):
      let reception = try LinkReception(path: path, node: node)
      tell("listening at \(reception.url)")
      return try welcome(reception, host.settings(in: fabric), tell)
    }
  }

  /// Waits for a program that comes as host.
  private func welcome(
    _ reception: LinkReception, _ settings: OutsideSettings, _ tell: (String) -> Void
  ) throws -> LinkTransport {
    while true {
      if !reception.look() { _ = Readiness.wait(for: reception.waits, nanoseconds: nil) }
      for note in reception.takeNotes() { tell(note) }
      guard let hello = reception.hello else { continue }
      if hello.role == .host { return try reception.welcome(LinkTerms(settings)) }
      reception.refuse("a host is wanted here, and it is a device")
    }
  }
}
