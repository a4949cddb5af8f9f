import Glibc
import Testing

@testable import Runner
@testable import Transports

/// QEMU's monitor, with the test as QEMU.
@Suite final class QEMUMonitorTests {
  private let monitor: QEMUMonitor
  private let machine: StreamSocket

  init() throws {
    monitor = try QEMUMonitor(path: "/tmp/pcie-harness.qmp.\(getpid()).\(UInt32.random(in: 0 ... .max))")
    machine = try StreamSocket.connect(to: .unix(path: monitor.path))
  }

  private func say(_ text: String) {
    _ = machine.write(Array(text.utf8)[...])
    while monitor.attend() {}
  }

  @Test func answersComeInOrderWithEventsBetween() {
    let first = monitor.ask("one")
    let second = monitor.ask("two")
    say("{\"QMP\": {}}\r\n{\"return\": {}}\r\n{\"event\": \"RESET\"}\r\n")
    #expect(monitor.takeOutcome(of: first) == nil)
    say("{\"error\": {\"class\": \"GenericError\", \"desc\": \"no bus\"}}\r\n{\"return\": {}}\r\n")
    #expect(monitor.takeOutcome(of: second) == .done)
    #expect(monitor.takeOutcome(of: first) == .refused("no bus"))
    #expect(monitor.takeOutcome(of: first) == nil)
    guard case .bytes(let bytes) = machine.read() else {
      Issue.record("nothing was said")
      return
    }
    #expect(String(decoding: bytes, as: UTF8.self) == "{\"execute\":\"qmp_capabilities\"}\none\ntwo\n")
  }

  @Test(arguments: ["", "no JSON\n", "{\"return\": {}}\n{\"return\": {}}\n{", "\n"])
  func aMonitorThatEndsRefusesWhatIsOpen(text: String) {
    let first = monitor.ask("one")
    let second = monitor.ask("two")
    say(text)
    _ = shutdown(machine.number, CInt(SHUT_RDWR))
    while monitor.attend() {}
    let outcomes = [first, second, monitor.ask("three")].map { monitor.takeOutcome(of: $0) }
    #expect(outcomes.allSatisfy { $0 != nil } && outcomes[1...].allSatisfy { $0 != .done })
    #expect((outcomes[0] == .done) == text.hasPrefix("{") && monitor.waits.isEmpty)
  }

  @Test func itIsListenedForTheNextOne() throws {
    say("{\"return\": {}}\n")
    try monitor.reopen()
    let next = try StreamSocket.connect(to: .unix(path: monitor.path))
    let command = monitor.ask("again")
    _ = next.write(Array("{\"return\": {}}\n{\"return\": {}}\n".utf8)[...])
    while monitor.attend() {}
    #expect(monitor.takeOutcome(of: command) == .done)
  }
}
