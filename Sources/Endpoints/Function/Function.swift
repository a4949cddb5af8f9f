public import LinkBroker
public import PCIe
import Simulation

/// A type 0 function: configuration space, BARs, interrupts, errors and resets, but not what is in the BARs.
///
/// - Complexity: serving a memory request costs a few comparisons and copies, and allocates nothing.
/// - Source: PCI Express Base 5.0, 2.3 for requests, 5.3.1 for D-states, 6.1 for interrupts, 6.2 and 6.6.
public final class Function {
  public internal(set) var space: ConfigurationSpace
  /// What the function itself asks of others.
  public internal(set) var requester: Requester
  // On the way of every TLP, hence internal and only stored as a whole: so the compiler can prove that no
  // access overlaps another and leaves its checks out.
  var capturedID = FunctionAddress(rawValue: 0)
  var outgoing: FabricPort?
  var tally = FunctionCounters()
  var windows = BarDecoder()
  var lastWindow = BarWindow()
  var limits = ServingLimits()
  var msix: MSIXTable?
  var intx = INTxState()
  let atomicBars: [Int]
  /// Nil for a physical function.
  let virtual: VirtualPlace?

  /// - Throws: what is wrong with the configuration.
  public convenience init(_ configuration: FunctionConfiguration) throws(EndpointError) {
    try self.init(configuration, virtual: nil)
  }

  init(_ configuration: FunctionConfiguration, virtual: VirtualPlace?) throws(EndpointError) {
    (space, msix) = try configuration.build()
    atomicBars = configuration.atomicBars
    self.virtual = virtual
    let timer = NodeTimer(node: 0, token: virtual?.timerToken ?? Function.requesterTimer)
    requester = Requester(tagCount: 32, timer: timer)
    refresh()
  }

  /// The token of the timer that watches over the function's own requests; models count from 1.
  public static let requesterTimer: UInt64 = 0
}

extension Function {
  /// Bus, device and function number as captured from configuration writes; zero before the first one.
  public var id: FunctionAddress { capturedID }
  /// The way out, nil before the function's node is connected.
  public var port: FabricPort? { outgoing }
  /// What has happened so far.
  public var counters: FunctionCounters { tally }
}

/// What has happened to a function since it was built.
public struct FunctionCounters: Hashable, Sendable {
  public var memoryReads: UInt64 = 0
  public var memoryWrites: UInt64 = 0
  /// Interrupt messages sent, by kind; for INTx the asserts.
  public var msix: UInt64 = 0
  public var msi: UInt64 = 0
  public var intx: UInt64 = 0
  /// Errors detected.
  public var errors: UInt64 = 0
}

/// What the way of a TLP asks of the configuration space, kept beside it.
struct ServingLimits: Sendable {
  /// Max_Payload_Size.
  var maxPayloadBytes = 128
  /// From when on memory and I/O requests are served; never, outside D0.
  var servesFrom = VirtualTime.zero
  /// From when on configuration requests are served: later than now while a reset goes on.
  var configuresFrom = VirtualTime.zero
  var isBusMasterEnabled = false
  /// ECRC Check Enable.
  var checksDigests = false
  /// The tags that software lets the function use.
  var tagCount = 32
}

extension Function {
  /// The function's node has been connected.
  func attach(_ port: FabricPort, in fabric: inout Fabric) {
    outgoing = port
    let least = requester.limits.leastCompletionTimeout
    requester = Requester(tagCount: 32, timer: NodeTimer(node: port.node, token: requester.timer.token))
    requester.limits.leastCompletionTimeout = least
    showLink(in: &fabric)
    refresh()
  }

  /// Shows speed and width of the link as what the function can do and as what was trained.
  ///
  /// - Source: PCI Express Base 5.0, 7.5.3.6 to 7.5.3.8 and 7.5.3.18.
  func showLink(in fabric: inout Fabric) {
    guard let outgoing, let place = space.places.express else { return }
    let link = fabric.configuration(ofLink: outgoing.link)
    typealias Register = ExpressCapability.Register
    let speed = UInt32(link.speed.rawValue)
    space.replace(0x3ff, with: speed | UInt32(link.width) << 4, at: place + Register.linkCapabilities)
    space.replace(0xfe, with: 2 << speed - 2, at: place + Register.linkCapabilities2)
    space.setLink(speed: link.speed, width: link.width)
  }

  /// Brings what is kept beside the configuration space up to date.
  func refresh() {
    windows =
      virtual.map { BarDecoder($0, space, interruptBars: msix?.bars ?? []) }
      ?? BarDecoder(space, interruptBars: msix?.bars ?? [], atomicBars: atomicBars)
    lastWindow = BarWindow()
    if let virtual { capturedID = virtual.id }
    // Sizes, tags and timeouts of virtual functions are those of the physical one: 9.3.5.4 and 9.3.5.10.
    let governing = virtual?.physical.space ?? space
    limits.maxPayloadBytes = governing.maxPayloadBytes
    limits.checksDigests = space.checksDigests
    limits.isBusMasterEnabled = space.command.contains(.busMasterEnable)
    requester.id = id
    requester.limits.maxPayloadBytes = governing.maxPayloadBytes
    // What waits for a tag is not sent any more.
    requester.limits.mayRequest = limits.isBusMasterEnabled && limits.servesFrom != .never
    requester.limits.maxReadRequestBytes = governing.maxReadRequestBytes
    requester.limits.completionTimeout = max(
      governing.completionTimeout, requester.limits.leastCompletionTimeout)
    requester.limits.translates = space.isAddressTranslationEnabled
    if !requester.limits.translates { requester.translations.removeAll() }
    limits.tagCount = min(governing.tagCount, 256)
    requester.setTagCount(limits.tagCount)
  }

  /// Whether the function may send memory requests now.
  func mayRequest(at time: VirtualTime) -> Bool {
    limits.isBusMasterEnabled && limits.servesFrom <= time
  }

  func send(_ header: TLPHeader, in fabric: inout Fabric) {
    if let port { fabric.send(FabricTLP(header: header), from: port) }
  }
}
