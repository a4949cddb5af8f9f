import PCIe

/// The registers and the routing of a switch.
public struct SwitchRouter: Sendable {
  /// The functions of the ports, the upstream port first.
  public internal(set) var functions: [BridgeFunction] = []
  var ports: [FabricPort?]
  var wires: InterruptWires
  /// Downstream ports that have not yet answered the last PME_Turn_Off.
  var turnOffAwaited: Set<Int> = []
  private let configuration: SwitchConfiguration

  init(downstreamPorts: Int, configuration: SwitchConfiguration) {
    self.configuration = configuration
    ports = Array(repeating: nil, count: downstreamPorts + 1)
    wires = InterruptWires(ports: downstreamPorts + 1)
    functions = (0...downstreamPorts).map {
      configuration.function(port: $0, maxSpeed: .gt64, maxWidth: 16)
    }
    renumber()
  }

  mutating func attach(_ port: FabricPort, number: Int, _ link: LinkConfiguration) {
    ports[number] = port
    functions[number] = configuration.function(port: number, maxSpeed: link.speed, maxWidth: link.width)
    renumber()
  }

  var linksBelow: [Int] { ports.dropFirst().compactMap { $0?.link } }

  /// The downstream ports are devices 0, 1, … of the bus that software gave the upstream port as its
  /// secondary.
  mutating func renumber() {
    for port in 1..<functions.count {
      functions[port].id = FunctionAddress(
        bus: functions[0].secondaryBus, device: UInt8(truncatingIfNeeded: port - 1), function: 0)
    }
  }

  /// Where a TLP that came in at a port goes.
  enum Route: Hashable, Sendable {
    case port(Int)
    /// The configuration space of a port's own function.
    case function(Int)
    case allDownstream
    /// An error message from a port, on its way to the root complex.
    case error(ErrorMessage)
    /// The switch itself is the target.
    case here
    case nowhere

    /// The port to leave by.
    var port: Int? {
      if case .port(let target) = self { target } else { nil }
    }
  }

  /// Takes a TLP that came in at a port.
  mutating func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    var tlp = tlp
    let way = route(&tlp.header, from: port)
    if functions[port].isFalseSource(tlp.header), !mayPass(tlp, from: port, to: way.port, in: &fabric) {
      return .consumed
    }
    switch way {
    case .port(let target):
      guard let out = ports[target] else { return refuse(tlp, at: port, in: &fabric) }
      if needsLook(tlp, from: port, to: target), !mayPass(tlp, from: port, to: target, in: &fabric) {
        return .consumed
      }
      fabric.forward(tlp, from: out)
      return .forwarded
    case .function(let function): return configure(function, tlp, at: port, in: &fabric)
    case .allDownstream:
      broadcast(tlp, in: &fabric)
      return .consumed
    case .error(let message):
      return pass(message, tlp, from: port, in: &fabric)
    case .here: return terminate(tlp, at: port, in: &fabric)
    case .nowhere: return refuse(tlp, at: port, in: &fabric)
    }
  }

  /// Takes an error message through the bridges of a downstream port and of the upstream port.
  private mutating func pass(
    _ message: ErrorMessage, _ tlp: FabricTLP, from port: Int, in fabric: inout Fabric
  ) -> TLPDisposition {
    let source = tlp.header.requesterID
    switch functions[port].take(message, from: source, link: ports[port]?.link, in: &fabric) {
    case .stops: return .consumed
    case .contained(let messages):
      for message in messages { signal(message, from: port, in: &fabric) }
      interrupt(from: port, in: &fabric)
      return .consumed
    case .passes: break
    }
    let fate = functions[0].take(message, from: source, link: nil, in: &fabric)
    guard fate == .passes, let up = ports[Switch.upstreamPort] else { return .consumed }
    fabric.forward(tlp, from: up)
    return .forwarded
  }

  private mutating func configure(
    _ function: Int, _ tlp: FabricTLP, at port: Int, in fabric: inout Fabric
  ) -> TLPDisposition {
    if function == 0, tlp.header.hasData { functions[0].id = tlp.header.destinationID }
    if tlp.header.isPoisoned, tlp.header.hasData {
      // The register stays as it is, so the write is lost: no advisory case.
      functions[function].space.raise(.detectedParityError)
      log(.poisonedTLP, tlp.header, port: function, isAdvisoryCase: false, in: &fabric)
    }
    let answer = functions[function].answer(tlp, in: &fabric)
    if let out = ports[port] { fabric.send(answer.completion, from: out) }
    guard let write = answer.write else { return .consumed }
    if function == 0 {
      renumber()
      resetBelow(write, in: &fabric)
      if functions[0].space.changesDigestGeneration(write), let up = ports[0] {
        fabric.setDigests(functions[0].space.generatesDigests, ofLink: up.link, downstream: false)
      }
    } else if let link = ports[function]?.link {
      for message in functions[function].control(link, write, in: &fabric) {
        signal(message, from: function, in: &fabric)
      }
      interrupt(from: function, in: &fabric)
    }
    return .consumed
  }

  /// A secondary bus reset of the upstream port reaches every link below.
  private func resetBelow(_ write: ConfigurationWrite, in fabric: inout Fabric) {
    guard let isReset = functions[0].resetChange(write) else { return }
    for link in linksBelow { fabric.order(isReset ? .hotReset : .up, link: link) }
  }
}
