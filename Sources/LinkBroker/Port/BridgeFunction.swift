public import PCIe

/// The type 1 function of a switch port or root port: what it routes, and its own configuration requests.
///
/// - Complexity: routing questions are a few comparisons on values decoded when software last wrote.
/// - Source: PCI Express Base 5.0, 7.5.1.3 "Type 1 Configuration Space Header".
public struct BridgeFunction: Sendable {
  public var space: ConfigurationSpace
  /// Bus, device and function number as configuration software reaches it.
  public var id: FunctionAddress

  private var memory: AddressWindow?
  private var prefetchable: AddressWindow?
  private var io: AddressWindow?
  private var secondary: UInt8 = 0
  private var subordinate: UInt8 = 0
  /// Memory Space Enable, which opens the memory windows downstream.
  private var passesMemory = false
  private var passesIO = false
  /// Bus Master Enable, which lets memory and I/O requests go upstream.
  public private(set) var passesUpstream = false
  /// What the port has to block.
  public private(set) var controls: PortControls = []
  /// The causes of interrupts that are true, so that each is told once.
  var heldInterrupts: UInt8 = 0

  /// A port with the bus numbers and windows that its configuration space holds.
  public init(space: ConfigurationSpace, id: FunctionAddress = FunctionAddress(rawValue: 0)) {
    precondition(space.header.isBridge, "a port has a type 1 header")
    self.space = space
    self.id = id
    decode()
  }

  /// Reads the routing registers again after software or a reset has changed them.
  public mutating func decode() {
    memory = space.memoryWindow
    prefetchable = space.prefetchableWindow
    io = space.ioWindow
    secondary = space.secondaryBus
    subordinate = space.subordinateBus
    passesMemory = space.command.contains(.memoryEnable)
    passesIO = space.command.contains(.ioEnable)
    passesUpstream = space.command.contains(.busMasterEnable)
    controls = PortControls(space)
  }

  /// The bus right behind the port; zero before enumeration.
  public var secondaryBus: UInt8 { secondary }

  /// Whether a bus lies behind the port.
  public func leads(toBus bus: UInt8) -> Bool { secondary != 0 && bus >= secondary && bus <= subordinate }

  /// Whether a configuration request for a bus behind the port may go on.
  ///
  /// At the other end of the link is device 0, unless its number is a part of that of the function.
  /// - Source: PCI Express Base 5.0, 6.13 "Alternative Routing-ID Interpretation (ARI)" and 7.3.1.
  public func mayConfigure(_ target: FunctionAddress) -> Bool {
    target.bus != secondary || target.device == 0 || space.isARIForwardingEnabled
  }

  /// Whether a memory address lies behind the port and may be reached.
  public func leads(toMemory address: UInt64) -> Bool {
    guard passesMemory else { return false }
    if let memory, memory.contains(address) { return true }
    if let prefetchable, prefetchable.contains(address) { return true }
    return false
  }

  /// Whether an I/O address lies behind the port and may be reached.
  public func leads(toIO address: UInt64) -> Bool { passesIO && io?.contains(address) ?? false }

  /// Performs a configuration write and says what it did.
  public mutating func write(offset: Int, value: UInt32, byteEnables: UInt8) -> ConfigurationWrite {
    let write = space.write(offset: offset, value: value, byteEnables: byteEnables)
    decode()
    return write
  }
}
