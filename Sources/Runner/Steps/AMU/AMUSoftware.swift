import Endpoints
import PCIe
import RevereInterface
import Simulation
import SuiteLanguage

/// The drivers of a Revere-AMU that a case has, one for each function, and what their commands have set up.
///
/// After a reset a function's driver starts anew with the next step, from registers as they were saved.
final class AMUSoftware {
  let node: String
  let unit: RevereAMU
  private let root: RootComplex
  private let discovered: DiscoveredFunction
  /// The registers of the physical function that a reset takes away.
  private let saved: [SavedRegister]
  /// By function, once its first step has come.
  private var drivers: [Int: OpenDriver] = [:]
  /// The resets of the unit up to which `saved` has been written back.
  private var restored = 0
  private var contexts: [ContextKey: Int] = [:]
  private var shapes: [SocketKey: Shape] = [:]
  private var lengths: [SocketKey: Int] = [:]
  /// By physical context: where its table stands, in a unit of type B.
  private var tables: [Int: Int] = [:]

  /// A driver, the resets of its function that it knows of, and what it is held by.
  private struct OpenDriver {
    var driver: AMUDriver
    var resets: Int
    var claim: Claim?
  }

  /// What holds other steps of a function back.
  enum Claim {
    /// It is being set up: all wait.
    case preparing
    /// A command waits for its response: other commands wait.
    case command
  }

  /// A number of a software context in a function.
  private struct ContextKey: Hashable {
    var function: Int
    var number: Int
  }

  /// A socket of a physical software context.
  private struct SocketKey: Hashable {
    var context: Int
    var socket: Int
    var isReceiving: Bool
  }

  /// A ring as F_AMS_RING_CONFIGURE describes it.
  private struct Shape {
    var base: UInt64
    var log2Size: Int
  }

  init(node: String, unit: RevereAMU, root: RootComplex, discovered: DiscoveredFunction) {
    self.node = node
    self.unit = unit
    self.root = root
    self.discovered = discovered
    saved = SavedRegister.all(of: unit.function.space)
  }

  func driver(_ function: Int) -> AMUDriver? { drivers[function]?.driver }

  /// Whether a driver is that of its function still: no reset has come since it started.
  func isCurrent(_ driver: AMUDriver, of function: Int) -> Bool {
    drivers[function]?.driver === driver && drivers[function]?.resets == unit.resetCount(of: function)
  }

  func claim(of function: Int) -> Claim? { drivers[function]?.claim }
  func setClaim(_ claim: Claim?, of function: Int) { drivers[function]?.claim = claim }

  /// Forgets what resets have taken away.
  func followResets() {
    for (function, open) in drivers where unit.resetCount(of: function) != open.resets {
      drivers[function] = nil
      for (key, context) in contexts where key.function == function { forgetRings(of: context) }
    }
    guard unit.resetCount(of: 0) != restored else { return }
    (contexts, shapes, lengths, tables) = ([:], [:], [:], [:])
  }

  /// What must be done before a function's driver can start; nil when nothing has to be.
  ///
  /// - Source: PCI Express Base 5.0, 6.6.1, 6.6.2 and 9.3.3.3.1: a function answers 100 ms after a reset, or
  ///   after VF Enable.
  func preparation(_ function: Int) -> SoftwareScript? {
    guard function == 0 else {
      guard let place = unit.virtualFunction(function)?.space.places.msix else { return nil }
      let id = address(function)
      return SoftwareScript(
        "function \(function) of \(node)",
        [
          .pause(.milliseconds(100)),
          .change(id, offset: HeaderRegister.command, set: CommandBits.busMasterEnable.rawValue, clear: 0),
          .change(id, offset: place + 2, set: 0x8000, clear: 0),
        ])
    }
    guard unit.resetCount(of: 0) != restored else { return nil }
    restored = unit.resetCount(of: 0)
    let writes = saved.map {
      SoftwareScript.Action.change(discovered.address, offset: $0.offset, set: $0.value, clear: ~$0.value)
    }
    return SoftwareScript("the registers of \(node) after a reset", [.pause(.milliseconds(100))] + writes)
  }

  /// The ID of a function.
  func address(_ function: Int) -> FunctionAddress {
    function == 0 ? discovered.address : unit.virtualFunction(function)?.id ?? discovered.address
  }

  /// Where a BAR of a function stands.
  func address(ofBar index: Int, of function: Int) -> UInt64? {
    guard function > 0 else { return discovered.bar(index)?.address }
    return discovered.virtualBars.first { $0.layout.index == index }.map {
      $0.address + UInt64(function - 1)
        * max($0.layout.bytes, unit.function.space.virtualFunctions?.pageBytes ?? 0)
    }
  }

  /// Makes the driver of a function, whose management rings take the end of host memory.
  func open(_ function: Int) -> AMUDriver? {
    let bytes = root.core.memory.byteCount
    let place = bytes - (function + 1) * AMUDriver.ringBytes
    guard place >= 0, let registers = address(ofBar: 0, of: function) else { return nil }
    let driver = AMUDriver(root, registers: registers, memory: UInt64(place), socketType: unit.socketType)
    drivers[function] = OpenDriver(driver: driver, resets: unit.resetCount(of: function))
    return driver
  }

  /// The ring of a socket; nil where the commands so far have not given it memory, or no session has it.
  func ring(_ function: Int, _ number: Int, _ socket: Int, isReceiving: Bool) -> AMUDriverRing? {
    guard let context = contexts[ContextKey(function: function, number: number)] else { return nil }
    let key = SocketKey(context: context, socket: socket, isReceiving: isReceiving)
    guard let shape = shapes[key], let length = lengths[key] else { return nil }
    let end = UInt64(length) << UInt64(shape.log2Size)
    guard shape.base <= UInt64(root.core.memory.byteCount),
      end <= UInt64(root.core.memory.byteCount) - shape.base
    else { return nil }
    return AMUDriverRing(base: shape.base, log2Size: shape.log2Size, messageBytes: length)
  }

  /// Learns from a command that has succeeded.
  func learn(_ command: InterfaceCommand, _ message: [UInt8], _ response: [UInt8], by function: Int) {
    func value(_ name: String) -> Int {
      Int(truncatingIfNeeded: command.requestField(name)?.value(in: message) ?? 0)
    }
    switch command.name {
    case "PF_AMI_SW_MAP":
      let context = Int(command.responseField("PHY_AMI_SW_ID")?.value(in: response) ?? 0)
      contexts[ContextKey(function: value("F_OWNER"), number: value("AMI_SW_ID"))] = context
    case "PF_AMI_SW_UNMAP":
      for (key, context) in contexts where context == value("PHY_AMI_SW_ID") { contexts[key] = nil }
    case "PF_AMI_SW_CONFIGURE": tables[value("PHY_AMI_SW_ID")] = value("TYPEB_TBL_BASE") << 12
    case "F_AMI_SW_CONFIGURE":
      if let context = contexts[ContextKey(function: function, number: value("AMI_SW_ID"))] {
        tables[context] = value("TYPEB_TBL_BASE") << 12
      }
    case "F_AMI_SW_ENABLE":
      readTable(of: contexts[ContextKey(function: function, number: value("AMI_SW_ID"))])
    case "F_AMI_SW_RESET":
      forgetRings(of: contexts[ContextKey(function: function, number: value("AMI_SW_ID"))])
    case "PF_AMI_SW_RESET": forgetRings(of: value("PHY_AMI_SW_ID"))
    case "F_AMS_RING_CONFIGURE", "PF_AMS_RING_CONFIGURE":
      let context =
        command.isPhysical
        ? value("PHY_AMI_SW_ID")
        : contexts[ContextKey(function: function, number: value("AMI_SW_ID"))] ?? 0
      let key = SocketKey(context: context, socket: value("AMS_ID"), isReceiving: value("AMS_TYPE") == 0)
      shapes[key] = Shape(base: UInt64(value("RING_BASE")) << 3, log2Size: value("LOG2_SIZE"))
    case "PF_ASN_CREATE":
      for (side, isReceiving) in [("SRC", false), ("DST", true)] where value("\(side)_AMI_TYPE") == 0 {
        let key = SocketKey(
          context: value("\(side)_PHY_AMI_ID"), socket: value("\(side)_AMS"), isReceiving: isReceiving)
        lengths[key] = 8 << value("LOG2_MSG_LENGTH")
      }
    case "PF_ASN_DESTROY":
      func told(_ name: String) -> Int { Int(command.responseField(name)?.value(in: response) ?? 0) }
      for (side, isReceiving) in [("SRC", false), ("DST", true)] where told("\(side)_AMI_TYPE") == 0 {
        let key = SocketKey(
          context: told("\(side)_PHY_AMI_ID"), socket: told("\(side)_AMS"), isReceiving: isReceiving)
        lengths[key] = nil
      }
    default: break
    }
  }

  /// What the unit reads when the context is enabled.
  private func readTable(of context: Int?) {
    guard unit.socketType == .tables, let context, let place = tables[context],
      root.core.memory.contains(UInt64(place), count: RingDescription.tableBytes)
    else { return }
    let table = Array(root.core.memory.bytes[place..<place + RingDescription.tableBytes])
    for entry in 0..<128 {
      let ring = RingDescription(table, entry: entry)
      let key = SocketKey(context: context, socket: entry & 63, isReceiving: entry >= 64)
      shapes[key] = ring.isValid ? Shape(base: ring.base, log2Size: ring.log2Size) : nil
    }
  }

  private func forgetRings(of context: Int?) {
    for key in shapes.keys where key.context == context { shapes[key] = nil }
  }
}
