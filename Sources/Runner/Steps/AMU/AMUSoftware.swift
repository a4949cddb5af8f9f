import Endpoints
import PCIe
import RevereInterface
import SuiteLanguage

/// The driver of a Revere-AMU that a case has: one for each function, and what their commands have set up.
final class AMUSoftware {
  let node: String
  private let root: RootComplex
  private let discovered: DiscoveredFunction
  /// By function, once its first step has come.
  private var drivers: [Int: AMUDriver] = [:]
  private var contexts: [ContextKey: Int] = [:]
  private var shapes: [SocketKey: Shape] = [:]
  private var lengths: [SocketKey: Int] = [:]

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

  init(node: String, root: RootComplex, discovered: DiscoveredFunction) {
    self.node = node
    self.root = root
    self.discovered = discovered
  }

  func driver(_ function: Int) -> AMUDriver? { drivers[function] }

  /// The ID of a function.
  func address(_ function: Int, in unit: RevereAMU) -> FunctionAddress {
    function == 0 ? discovered.address : unit.virtualFunction(function)?.id ?? discovered.address
  }

  /// Where a BAR of a function stands.
  func address(ofBar index: Int, of function: Int) -> UInt64? {
    guard function > 0 else { return discovered.bar(index)?.address }
    return discovered.virtualBars.first { $0.layout.index == index }.map {
      $0.address + UInt64(function - 1) * $0.layout.bytes
    }
  }

  /// Makes the driver of a function, whose management rings take the end of host memory.
  func open(_ function: Int) -> AMUDriver? {
    let bytes = root.core.memory.byteCount
    let place = bytes - (function + 1) * AMUDriver.ringBytes
    guard place >= 0, let registers = address(ofBar: 0, of: function) else { return nil }
    let driver = AMUDriver(root, registers: registers, memory: UInt64(place))
    drivers[function] = driver
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
    case "F_AMI_SW_RESET":
      forgetRings(of: contexts[ContextKey(function: function, number: value("AMI_SW_ID"))])
    case "PF_AMI_SW_RESET": forgetRings(of: value("PHY_AMI_SW_ID"))
    case "F_AMS_RING_CONFIGURE", "PF_AMS_RING_CONFIGURE":
      let context =
        command.isPhysical
        ? value("PHY_AMI_SW_ID")
        : contexts[ContextKey(function: function, number: value("AMI_SW_ID"))] ?? 0
      let key = SocketKey(context: context, socket: value("AMS_ID"), isReceiving: value("AMS_TYPE") == 1)
      shapes[key] = Shape(base: UInt64(value("RING_BASE")) << 3, log2Size: value("LOG2_SIZE"))
    case "PF_ASN_CREATE":
      for (side, isReceiving) in [("SRC", false), ("DST", true)] where value("\(side)_AMI_TYPE") == 0 {
        let key = SocketKey(
          context: value("\(side)_PHY_AMI_ID"), socket: value("\(side)_AMS"), isReceiving: isReceiving)
        lengths[key] = 8 << value("LOG2_MSG_LENGTH")
      }
    default: break
    }
  }

  private func forgetRings(of context: Int?) {
    for key in shapes.keys where key.context == context { shapes[key] = nil }
  }
}
