public import LinkBroker
import PCIe

/// A port of a root complex: a type 1 function on bus 0 and the link below it.
public struct RootPort: Sendable {
  /// Registers and routing.
  public var bridge: BridgeFunction
  public let port: FabricPort
  /// Max_Payload_Size of the hierarchy below.
  public var maxPayloadBytes = 128

  init(port: FabricPort, device: UInt8, link: LinkConfiguration) {
    self.port = port
    let header = HeaderLayout(bridgeVendorID: 0x0001, deviceID: 0x0100, interruptPin: 1)
    let express = ExpressCapability(
      portType: .rootPort,
      device: .init(
        maxPayloadBytes: 4096, atomics: [.routing, .completer32, .completer64, .compareAndSwap128],
        supportsARIForwarding: true, endToEndPrefixesMax: 4),
      link: .init(maxSpeed: link.speed, maxWidth: link.width, portNumber: device),
      slot: .init(number: UInt16(device)))
    do throws(ConfigurationSpaceError) {
      var builder = try ConfigurationSpaceBuilder(header: header)
      try builder.add(PowerManagementCapability())
      try builder.add(express)
      try builder.add(MSICapability())
      try builder.add(
        AdvancedErrorReportingCapability(
          isRoot: true, optionalUncorrectable: BridgeFunction.downstreamErrors))
      try builder.add(AccessControlServicesCapability(services: [.sourceValidation, .requestRedirect]))
      // Without the extensions for programmed I/O of a root port.
      try builder.add(
        DownstreamPortContainmentCapability(isRootPort: false, supportsPoisonedEgressBlocking: true))
      bridge = BridgeFunction(
        space: try builder.build(), id: FunctionAddress(bus: 0, device: device, function: 0))
    } catch {
      preconditionFailure("a root port's space is laid out without overlap: \(error)")
    }
  }

  /// Takes an error message, its own or one from below, into the root error registers.
  ///
  /// - Source: PCI Express Base 5.0, 6.2.6 and 7.8.4.10 "Root Error Status Register".
  mutating func takeError(_ message: ErrorMessage, from source: FunctionAddress) {
    guard let place = bridge.space.places.advancedErrorReporting else { return }
    typealias Register = AdvancedErrorReportingCapability.Register
    let status = bridge.space.doubleWord(place + Register.rootErrorStatus)
    let isCorrectable = message == .correctable
    let received: UInt32 = isCorrectable ? 1 << 0 : 1 << 2
    if status & received == 0 {
      let register = isCorrectable ? Register.correctableSourceID : Register.uncorrectableSourceID
      bridge.space.setWord(place + register, source.rawValue)
    }
    var bits = received
    if status & received != 0 { bits |= received << 1 }
    switch message {
    case .correctable: break
    case .nonFatal: bits |= 1 << 5
    case .fatal: bits |= 1 << 6 | (status & received == 0 ? 1 << 4 : 0)
    }
    bridge.space.replace(bits, with: bits, at: place + Register.rootErrorStatus)
  }

  /// Whether software has the host signal a system error for a message.
  ///
  /// - Source: PCI Express Base 5.0, 7.5.3.12 "Root Control Register".
  func signalsSystemError(_ message: ErrorMessage) -> Bool {
    guard let place = bridge.space.places.express else { return false }
    let enables = bridge.space.word(place + ExpressCapability.Register.rootControl)
    switch message {
    case .correctable: return enables & 1 << 0 != 0
    case .nonFatal: return enables & 1 << 1 != 0
    case .fatal: return enables & 1 << 2 != 0
    }
  }
}
