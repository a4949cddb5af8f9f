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
    /// The switch itself is the target.
    case here
    case nowhere
  }

  mutating func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    var tlp = tlp
    switch route(&tlp.header, from: port) {
    case .port(let target):
      guard let out = ports[target] else { return refuse(tlp, at: port, in: &fabric) }
      fabric.forward(tlp, from: out)
      return .forwarded
    case .function(let function): return configure(function, tlp, at: port, in: &fabric)
    case .allDownstream:
      broadcast(tlp, in: &fabric)
      return .consumed
    case .here: return terminate(tlp, at: port, in: &fabric)
    case .nowhere: return refuse(tlp, at: port, in: &fabric)
    }
  }

  private mutating func configure(
    _ function: Int, _ tlp: FabricTLP, at port: Int, in fabric: inout Fabric
  ) -> TLPDisposition {
    if function == 0, tlp.header.hasData { functions[0].id = tlp.header.destinationID }
    if tlp.header.isPoisoned {
      log(.poisonedTLP, tlp.header, port: function, isAdvisoryCase: true, in: &fabric)
    }
    let answer = functions[function].answer(tlp, in: &fabric)
    if let out = ports[port] { fabric.send(answer.completion, from: out) }
    guard let write = answer.write else { return .consumed }
    if function == 0 {
      renumber()
      resetBelow(write, in: &fabric)
    } else if let link = ports[function]?.link {
      functions[function].control(link, write, in: &fabric)
    }
    return .consumed
  }

  /// A secondary bus reset of the upstream port reaches every link below.
  private func resetBelow(_ write: ConfigurationWrite, in fabric: inout Fabric) {
    guard let isReset = functions[0].resetChange(write) else { return }
    for link in linksBelow { fabric.order(isReset ? .hotReset : .up, link: link) }
  }
}
