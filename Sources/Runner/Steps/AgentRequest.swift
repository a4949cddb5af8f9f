import Nodes
import PCIe
import RunEvents
import SuiteLanguage

/// What a step asks of the software in a guest: lines for its agent, each sent when the last is answered.
struct AgentRequest {
  /// The most bytes that one line reads or writes, so that lines stay readable where a failure shows them.
  static let pieceMax = 128

  private let node: OutsideNode
  private var lines: ArraySlice<String>
  /// The tag of the line that is not answered.
  private var tag: String?
  /// Whether the answers are data.
  private let isRead: Bool
  private(set) var bytes: [UInt8] = []

  private init(_ node: OutsideNode, _ lines: [String], isRead: Bool) {
    self.node = node
    self.lines = lines[...]
    self.isRead = isRead
  }

  /// Has it do something that gives no data.
  static func order(_ node: OutsideNode, _ lines: [String]) -> AgentRequest {
    AgentRequest(node, lines, isRead: false)
  }

  /// Reads a register; a capability is found by the agent.
  static func readRegister(
    _ node: OutsideNode, _ function: String, _ capability: CapabilityName?, _ offset: Int, _ size: Int
  ) -> AgentRequest {
    let place = place(offset, in: capability)
    return AgentRequest(node, ["config-read \(function) \(place) \(size)"], isRead: true)
  }

  /// Writes a register.
  static func writeRegister(
    _ node: OutsideNode, _ function: String, _ capability: CapabilityName?, _ offset: Int, _ bytes: [UInt8]
  ) -> AgentRequest {
    let place = place(offset, in: capability)
    return AgentRequest(node, ["config-write \(function) \(place) \(digits(bytes[...]))"], isRead: false)
  }

  /// Reads memory: of a BAR, or at an address of the memory for devices.
  static func read(_ node: OutsideNode, _ place: Place, _ count: Int) -> AgentRequest {
    let lines = stride(from: 0, to: count, by: pieceMax).map { start in
      let length = min(pieceMax, count - start)
      switch place {
      case .address(let address): return "memory-read \(hex(address + UInt64(start))) \(length)"
      case .bar(let function, let index, let offset):
        let width = width(offset, count)
        return "read \(function) \(index) \(hex(offset + UInt64(start))) \(width) \(length)"
      }
    }
    return AgentRequest(node, lines, isRead: true)
  }

  /// Writes memory.
  static func write(_ node: OutsideNode, _ place: Place, _ bytes: [UInt8]) -> AgentRequest {
    let lines = stride(from: 0, to: bytes.count, by: pieceMax).map { start in
      let data = digits(bytes[start..<min(start + pieceMax, bytes.count)])
      switch place {
      case .address(let address): return "memory-write \(hex(address + UInt64(start))) \(data)"
      case .bar(let function, let index, let offset):
        let width = width(offset, bytes.count)
        return "write \(function) \(index) \(hex(offset + UInt64(start))) \(width) \(data)"
      }
    }
    return AgentRequest(node, lines, isRead: false)
  }

  /// Where memory is.
  enum Place {
    case address(UInt64)
    case bar(function: String, index: Int, offset: UInt64)
  }

  /// Goes on as far as it can; true when all lines are answered.
  mutating func advance() throws(StepFailure) -> Bool {
    while let line = lines.first {
      guard let tag else {
        node.talk.lastTag += 1
        let next = "#\(node.talk.lastTag) "
        tag = next
        node.withConsole { $0.await(lineBeginningWith: next) }
        try node.send("#\(node.talk.lastTag) \(line)")
        continue
      }
      guard let answer = node.withConsole({ $0.takeAwaited(lineBeginningWith: tag) }) else {
        try checkHope(line)
        return false
      }
      try take(answer.dropFirst(tag.count), to: line)
      self.tag = nil
      lines.removeFirst()
    }
    return true
  }

  private mutating func take(_ answer: Substring, to line: String) throws(StepFailure) {
    let verb = line.prefix { $0 != " " }
    if answer.hasPrefix("error ") {
      throw .expectation(
        "the agent of \(node.name) refused \(verb): \(answer.dropFirst("error ".count))", subject: "agent")
    }
    let data = answer.hasPrefix("ok") ? Self.bytes(of: answer.dropFirst("ok ".count)) : nil
    guard let data = isRead ? data : answer.hasPrefix("ok") ? [] : nil else {
      let wanted = isRead ? "data" : "end of it"
      throw .trouble(
        .simulator, "the agent of \(node.name) answered '\(answer)' to \(verb), which is no \(wanted)")
    }
    bytes += data
  }

  /// A guest that has ended answers nothing any more.
  private func checkHope(_ line: String) throws(StepFailure) {
    guard let process = node.process, process.isSilent, let end = process.end else { return }
    throw StepFailure(
      type: .noProgress, message: "\(node.name) \(end.ending), and its agent had not answered '\(line)'")
  }

  /// The greatest width in which all accesses are aligned: a step of 1, 2, 4 or 8 bytes is one access.
  private static func width(_ offset: UInt64, _ count: Int) -> Int {
    [8, 4, 2].first { offset % UInt64($0) == 0 && count % $0 == 0 } ?? 1
  }

  private static func place(_ offset: Int, in capability: CapabilityName?) -> String {
    let offset = hex(UInt64(offset))
    switch capability?.id {
    case nil: return offset
    case .common(let id): return "cap\(hex(UInt64(id.rawValue)))+\(offset)"
    case .extended(let id): return "ext\(hex(UInt64(id.rawValue)))+\(offset)"
    }
  }

  private static func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }

  private static func digits(_ bytes: ArraySlice<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func bytes(of text: Substring) -> [UInt8]? {
    let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
    guard digits.count == text.utf8.count, digits.count % 2 == 0 else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}
