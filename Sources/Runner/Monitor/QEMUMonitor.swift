import RunEvents
import Transports

/// Has a QEMU that runs do something, such as add a device: by commands of QMP that a board spells.
///
/// - Source: QEMU, `docs/interop/qmp-spec.rst`: answers come in the order of the commands, with events
///   between.
final class QEMUMonitor {
  /// What has become of a command.
  enum Outcome: Hashable {
    case done
    case refused(String)
  }

  private var lines: LineExchange
  /// The commands without an answer, the oldest first.
  private var open: [Int] = []
  private var outcomes: [Int: Outcome] = [:]
  private var lastCommand = 0

  /// No line of QMP's is longer: what it answers here is empty, or one sentence.
  private static let lineMax = 1 << 16

  /// Listens at a path of at most 107 bytes, where QEMU calls.
  init(path: String) throws(SocketError) {
    lines = try LineExchange(path: path, lineMax: Self.lineMax)
    prepare()
  }

  /// QMP takes no other command before this one.
  private func prepare() { _ = ask(#"{"execute":"qmp_capabilities"}"#) }

  /// Waits for the next QEMU, where one has called.
  func reopen() throws(SocketError) {
    guard lines.isConnected || lines.loss != nil else { return }
    lines = try LineExchange(path: lines.path, lineMax: Self.lineMax)
    (open, outcomes) = ([], [:])
    prepare()
  }

  var path: String { lines.path }
  var waits: [TransportWait] { lines.waits }

  /// Gives a command, a line of JSON, and what its outcome is asked for by.
  func ask(_ command: String) -> Int {
    lastCommand += 1
    if let loss = lines.loss {
      outcomes[lastCommand] = .refused("its monitor takes nothing: \(loss)")
    } else {
      open.append(lastCommand)
      lines.say(command)
    }
    return lastCommand
  }

  /// Takes what has become of a command; nil while it has no answer.
  func takeOutcome(of command: Int) -> Outcome? { outcomes.removeValue(forKey: command) }

  /// Takes and gives what can be; false when there was nothing.
  func attend() -> Bool {
    guard lines.look() else { return false }
    while let line = lines.takeLine() { take(line) }
    if let loss = lines.loss {
      for command in open { outcomes[command] = .refused("its monitor gives no answer: \(loss)") }
      open = []
    }
    return true
  }

  private func take(_ line: String) {
    let value: JSONValue
    do throws(JSONError) { value = try JSONParser.parse(Array(line.utf8)) } catch {
      return lines.close(.garbage(line))
    }
    // A greeting and events answer nothing.
    if value["return"] != nil {
      end(.done)
    } else if let error = value["error"] {
      guard case .string(let reason)? = error["desc"] else { return end(.refused("it gives no reason")) }
      end(.refused(reason))
    }
  }

  private func end(_ outcome: Outcome) {
    guard !open.isEmpty else { return }
    outcomes[open.removeFirst()] = outcome
  }
}
