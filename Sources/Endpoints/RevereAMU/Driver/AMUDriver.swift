public import LinkBroker
import PCIe
import RevereInterface

/// What host software does with one function of a Revere-AMU: writes registers, keeps the management rings.
///
/// It never waits: commands go out, and what has come is found in host memory, where a slot is cleared
/// before it is used again.
public final class AMUDriver {
  /// The slots of each management ring, as a power of two.
  static let log2Slots = 6
  /// The host memory that the four rings of a function take.
  public static let ringBytes = 4 << (log2Slots + 6)

  private let root: RootComplex
  /// Where BAR0 of the function stands.
  public let registers: UInt64
  /// Where its four rings stand in host memory, aligned to their size.
  private let memory: UInt64
  /// In a unit of type B a table behind the first half of the command ring tells of the rings.
  private let socketType: AMISocketType
  private var commands: UInt64 = 0
  /// By receiving socket: responses, exceptions, traces.
  private var taken: [UInt64] = [0, 0, 0]

  /// - Parameter memory: the address of `ringBytes` of host memory that nobody else uses.
  public init(
    _ root: RootComplex, registers: UInt64, memory: UInt64, socketType: AMISocketType = .registers
  ) {
    self.root = root
    self.socketType = socketType
    self.registers = registers
    self.memory = memory
  }

  /// The receiving sockets of management.
  public enum Source: Int, Hashable, Sendable {
    case responses
    case exceptions
    case traces
  }

  /// Gives the function its rings, then enables the unit where the function is the physical one.
  ///
  /// - Parameter control: AMU_CR; of a virtual function only the bits that it has take effect.
  public func start(control: UInt64, in fabric: inout Fabric) {
    commands = 0
    taken = [0, 0, 0]
    root.setMemory([UInt8](repeating: 0, count: Self.ringBytes), at: Int(memory))
    tellRings(in: &fabric)
    write(AMULayout.control, control, in: &fabric)
  }

  private func tellRings(in fabric: inout Fabric) {
    let table = memory + UInt64(Self.ringBytes / 8)
    for socket in 0..<4 {
      let base = memory + UInt64(socket) << UInt64(Self.log2Slots + 6)
      guard socketType == .registers else {
        let ring = RingDescription(base: base, log2Size: log2Slots(socket))
        root.setMemory(ring.bytes, at: Int(table) + socket * RingDescription.byteCount)
        continue
      }
      write(AMULayout.socketBase + socket * 16, base, in: &fabric)
      write(AMULayout.socketControl + socket * 16, UInt64(log2Slots(socket)), in: &fabric)
    }
    if socketType == .tables { write(AMULayout.socketBase, table, in: &fabric) }
  }

  private func log2Slots(_ socket: Int) -> Int {
    socketType == .tables && socket == 0 ? Self.log2Slots - 1 : Self.log2Slots
  }

  /// Writes a register of BAR0.
  public func write(_ offset: Int, _ value: UInt64, in fabric: inout Fabric) {
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64($0 * 8)) }
    _ = root.write(address: registers + UInt64(offset), data: bytes, in: &fabric)
  }

  /// Starts to read a register of BAR0.
  public func beginRead(_ offset: Int, in fabric: inout Fabric) -> RequestOperation {
    root.beginRead(address: registers + UInt64(offset), count: 8, in: &fabric)
  }

  /// Puts a command into its ring and rings the doorbell.
  public func send(_ command: [UInt8], in fabric: inout Fabric) {
    root.setMemory(command, at: slot(0, commands))
    commands &+= 1
    let doorbell = AMULayout.managementSockets + AMULayout.transmitWrite
    write(doorbell, commands, in: &fabric)
  }

  /// Whether a message has come that has not been taken.
  public func has(_ source: Source) -> Bool {
    let place = slot(source.rawValue + 1, taken[source.rawValue])
    return root.core.memory.bytes[place] != 0 || root.core.memory.bytes[place + 1] != 0
  }

  /// Takes the oldest message and tells the function; nil when none has come.
  public func take(_ source: Source, in fabric: inout Fabric) -> [UInt8]? {
    guard has(source) else { return nil }
    let place = slot(source.rawValue + 1, taken[source.rawValue])
    let message = Array(root.core.memory.bytes[place..<place + RevereInterface.messageBytes])
    root.setMemory([UInt8](repeating: 0, count: message.count), at: place)
    taken[source.rawValue] &+= 1
    write(
      AMULayout.managementSockets + AMULayout.receiveRead + source.rawValue * 8, taken[source.rawValue],
      in: &fabric)
    return message
  }

  private func slot(_ socket: Int, _ index: UInt64) -> Int {
    let slots: UInt64 = 1 << UInt64(log2Slots(socket))
    return Int(memory) + (socket << Self.log2Slots + Int(index % slots)) * RevereInterface.messageBytes
  }
}

// For whoever may let the fabric run.
extension AMUDriver {
  /// Sends a command and lets the fabric run until its response has come; nil when none comes.
  public func perform(_ command: [UInt8], in fabric: inout Fabric) -> [UInt8]? {
    send(command, in: &fabric)
    while !has(.responses), fabric.step() {}
    return take(.responses, in: &fabric)
  }

  /// Reads a register of BAR0; all ones when the read fails.
  public func read(_ offset: Int, in fabric: inout Fabric) -> UInt64 {
    let result = root.finish(beginRead(offset, in: &fabric), in: &fabric)
    return result.status == .successful ? result.data.loadLE(at: 0) : .max
  }
}
