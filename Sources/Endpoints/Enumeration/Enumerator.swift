public import LinkBroker
public import PCIe
import Simulation

/// What system software does with a hierarchy before drivers run, by configuration requests alone.
///
/// It finds functions, numbers buses, sizes and places registers, opens windows and enables what it found.
///
/// - Source: PCI Local Bus 3.0, 6.2.5.1 (sizing); PCI Express Base 5.0, 7.5.1; the order is Linux's,
///   `drivers/pci/probe.c`.
public struct Enumerator: ~Copyable {
  let host: any HostProcessor
  let map: HostMap
  /// In the order of discovery: depth first, by bus, device and function number.
  public private(set) var functions: [DiscoveredFunction] = []
  private var nextBus: UInt16 = 1

  /// Makes one that has found nothing.
  public init(host: any HostProcessor) {
    self.host = host
    map = host.map
  }

  /// Finds and sets up everything below a host.
  public static func run(
    _ host: any HostProcessor, in fabric: inout Fabric
  ) throws(EnumerationError) -> [DiscoveredFunction] {
    var enumerator = Enumerator(host: host)
    try enumerator.discover(in: &fabric)
    try enumerator.assign(in: &fabric)
    try enumerator.enable(in: &fabric)
    try enumerator.clearErrors(of: enumerator.functions[...], in: &fabric)
    return enumerator.functions
  }

  /// Finds and sets up what stands below a port now, in place of what was found there before.
  ///
  /// It gets the memory of the window that the port has; for a bridge there are no buses left.
  public static func renew(
    _ known: [DiscoveredFunction], below port: FunctionAddress, _ host: any HostProcessor,
    in fabric: inout Fabric
  ) throws(EnumerationError) -> [DiscoveredFunction] {
    guard let bridge = known.first(where: { $0.address == port }), bridge.secondaryBus > 0 else {
      return known
    }
    var enumerator = Enumerator(host: host)
    enumerator.functions = known.filter { !bridge.leads(toBus: $0.address.bus) }
    enumerator.nextBus = 0x100
    let first = enumerator.functions.count
    let place = FunctionAddress(bus: bridge.secondaryBus, device: 0, function: 0)
    try enumerator.scan(place, parent: port, in: &fabric)
    let added = first..<enumerator.functions.count
    try enumerator.place(added, inWindowOf: port, in: &fabric)
    try enumerator.enable([bridge] + enumerator.functions[added], below: port, in: &fabric)
    try enumerator.clearErrors(of: enumerator.functions[added], in: &fabric)
    return enumerator.functions
  }

  mutating func discover(in fabric: inout Fabric) throws(EnumerationError) {
    for device in map.devices {
      let address = FunctionAddress(bus: 0, device: device, function: 0)
      try scan(address, parent: nil, in: &fabric)
    }
  }

  mutating func update(_ index: Int, _ change: (inout DiscoveredFunction) -> Void) {
    change(&functions[index])
  }

  /// Looks for a function, and for the others of its device and below it.
  private mutating func scan(
    _ address: FunctionAddress, parent: FunctionAddress?, in fabric: inout Fabric
  ) throws(EnumerationError) {
    guard let isMultiFunction = try probe(address, parent: parent, in: &fabric), isMultiFunction else {
      return
    }
    for number in UInt8(1)..<8 {
      let sibling = FunctionAddress(bus: address.bus, device: address.device, function: number)
      _ = try probe(sibling, parent: parent, in: &fabric)
    }
  }

  /// - Returns: whether the device has more functions; nil when none answers.
  private mutating func probe(
    _ address: FunctionAddress, parent: FunctionAddress?, in fabric: inout Fabric
  ) throws(EnumerationError) -> Bool? {
    guard let identity = identify(address, in: &fabric) else { return nil }
    let type = UInt8(truncatingIfNeeded: try read(address, HeaderRegister.headerType, 1, in: &fabric))
    var function = DiscoveredFunction(
      address: address, vendorID: UInt16(truncatingIfNeeded: identity),
      deviceID: UInt16(truncatingIfNeeded: identity >> 16), isBridge: type & 0x7f == 1, parent: parent)
    try walkCapabilities(&function, in: &fabric)
    try sizeBars(&function, in: &fabric)
    functions.append(function)
    try configureARI(function, in: &fabric)
    if function.isBridge { try descend(functions.count - 1, in: &fabric) }
    return type & 0x80 != 0
  }

  /// Reads the identification, again and again while the function asks for a retry, for at most one second.
  ///
  /// - Source: PCI Express Base 5.0, 2.3.1 and 6.6.1 for the second that a function may take.
  private func identify(_ address: FunctionAddress, in fabric: inout Fabric) -> UInt32? {
    let deadline = fabric.now + .seconds(1)
    while true {
      let result = host.configurationRead(of: address, offset: 0, in: &fabric)
      guard result.status == .requestRetry, fabric.now < deadline else {
        let isPresent = result.status == .successful && result.value != .max && result.value != 0
        return isPresent ? result.value : nil
      }
      fabric.run(until: fabric.now + .milliseconds(1))
    }
  }

  private mutating func descend(_ index: Int, in fabric: inout Fabric) throws(EnumerationError) {
    let bridge = functions[index].address
    guard nextBus <= 0xff else { throw .noBusNumbersLeft(bridge: bridge) }
    let secondary = UInt8(nextBus)
    nextBus += 1
    // Open to all buses above until it is known how many there are.
    let open = UInt32(bridge.bus) | UInt32(secondary) << 8 | 0xff << 16
    try write(bridge, HeaderRegister.primaryBus, 4, open, in: &fabric)
    // Below a root port or downstream port stands one device; a switch has its ports on one bus.
    let isLink =
      try portType(functions[index], in: &fabric) != ExpressCapability.PortType.switchUpstreamPort.rawValue
    for device in UInt8(0)..<(isLink ? 1 : 32) {
      try scan(FunctionAddress(bus: secondary, device: device, function: 0), parent: bridge, in: &fabric)
    }
    let last = UInt8(nextBus - 1)
    try write(bridge, HeaderRegister.subordinateBus, 1, UInt32(last), in: &fabric)
    functions[index].secondaryBus = secondary
    functions[index].subordinateBus = last
  }

  /// Has the port above pass all function numbers of a device that has ARI, and no other device.
  ///
  /// - Source: PCI Express Base 5.0, 6.13; Linux, `pci_configure_ari` in `drivers/pci/pci.c`.
  private func configureARI(
    _ function: DiscoveredFunction, in fabric: inout Fabric
  ) throws(EnumerationError) {
    guard function.address.device == 0, function.address.function == 0,
      let port = functions.first(where: { $0.address == function.parent }),
      let place = port.capabilities[CapabilityID.express.rawValue]
    else { return }
    typealias Register = ExpressCapability.Register
    let canForward = try read(port.address, place + Register.deviceCapabilities2, 4, in: &fabric) & 1 << 5
    guard canForward != 0 else { return }
    let control = try read(port.address, place + Register.deviceControl2, 2, in: &fabric)
    let hasARI = function.extendedCapabilities[ExtendedCapabilityID.alternativeRoutingID.rawValue] != nil
    let wanted = hasARI ? control | 1 << 5 : control & ~(1 << 5)
    guard wanted != control else { return }
    try write(port.address, place + Register.deviceControl2, 2, wanted, in: &fabric)
  }

  private func portType(_ function: DiscoveredFunction, in fabric: inout Fabric) throws(EnumerationError)
    -> UInt8
  {
    guard let place = function.capabilities[CapabilityID.express.rawValue] else { return 0 }
    return UInt8(truncatingIfNeeded: try read(function.address, place + 2, 2, in: &fabric) >> 4 & 15)
  }
}

// Accesses that must succeed.
extension Enumerator {
  func read(
    _ function: FunctionAddress, _ offset: Int, _ size: Int, in fabric: inout Fabric
  ) throws(EnumerationError) -> UInt32 {
    let result = host.configurationRead(of: function, offset: offset, size: size, in: &fabric)
    guard result.status == .successful else {
      throw .access(function: function, offset: offset, status: result.status)
    }
    return result.value
  }

  func write(
    _ function: FunctionAddress, _ offset: Int, _ size: Int, _ value: UInt32, in fabric: inout Fabric
  ) throws(EnumerationError) {
    let status = host.configurationWrite(
      to: function, offset: offset, size: size, value: value, in: &fabric)
    guard status == .successful else { throw .access(function: function, offset: offset, status: status) }
  }
}
