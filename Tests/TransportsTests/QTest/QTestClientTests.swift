import Glibc
import Testing

@testable import Transports

/// QEMU's test interface, with the test as QEMU.
@Suite final class QTestClientTests {
  private let client: QTestClient
  private let machine: StreamSocket

  init() throws {
    client = try QTestClient(path: "/tmp/pcie-harness.qtest.\(getpid()).\(UInt32.random(in: 0 ... .max))")
    machine = try StreamSocket.connect(to: .unix(path: client.path))
  }

  private func say(_ text: String) {
    _ = machine.write(Array(text.utf8)[...])
    while client.failure == nil, client.look() {}
  }

  private var heard: String {
    _ = client.look()
    guard case .bytes(let bytes) = machine.read() else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(arguments: [
    (QTestCommand.load(0x1000, bytes: 1), "readb 0x1000"), (.load(0x1002, bytes: 2), "readw 0x1002"),
    (.load(0x1004, bytes: 4), "readl 0x1004"), (.load(0x1008, bytes: 8), "readq 0x1008"),
    (.load(0x1001, bytes: 2), "read 0x1001 2"), (.load(0x1000, bytes: 3), "read 0x1000 3"),
    (.store(0x1000, [0x81]), "writeb 0x1000 0x81"),
    (.store(0x1004, [1, 2, 3, 4]), "writel 0x1004 0x4030201"),
    (.store(0x1008, [8, 7, 6, 5, 4, 3, 2, 1]), "writeq 0x1008 0x102030405060708"),
    (.store(0x1001, [0x0a, 0xb0]), "write 0x1001 2 0x0ab0"), (.output(port: 0xcf8, 7), "outl 0xcf8 0x7"),
    (.interceptInterrupts(of: "ioapic"), "irq_intercept_in ioapic"),
    (.step(nanoseconds: 100), "clock_step 100"),
  ])
  func aCommandIsALine(command: QTestCommand, line: String) {
    client.ask(command)
    #expect(heard == line + "\n")
  }

  @Test func answersComeInOrderWithInterruptsBetweenThem() {
    client.ask(.load(0x1000, bytes: 4))
    client.ask(.store(0x1000, [1]))
    client.ask(.load(0x1001, bytes: 3))
    say("IRQ raise 21\nOK 0x0000000004030201\r\nOK\nIRQ lower 21\nOK 0x")
    #expect(client.takeAnswer() == [1, 2, 3, 4] && client.takeAnswer() == [] && client.takeAnswer() == nil)
    #expect(client.takeInterrupts().map { [$0.input, $0.isRaised ? 1 : 0] } == [[21, 1], [21, 0]])
    say("0a0bFF\n")
    #expect(client.takeAnswer() == [10, 11, 255] && client.openCount == 0 && client.failure == nil)
  }

  @Test(arguments: [
    "OK\n", "OK 0x1ffffffff\n", "OK 7\n", "OK 0xzz\n", "OK 0x\n", "OK 0x11111111111111111\n", "IRQ raise x\n",
    "IRQ raise\n", "IRQ raise 70000\n", "OK 0x1\nOK 0x1\n", "ok\n", "FAIL Unknown command\n", "\n",
    String(repeating: "x", count: 40000),
  ])
  func whateverIsNoAnswerEndsIt(text: String) {
    client.ask(.load(0x1000, bytes: 4))
    say(text)
    #expect(client.failure != nil && client.waits.isEmpty)
    client.ask(.load(0x1000, bytes: 4))
    #expect(client.openCount == 0)
  }

  @Test(arguments: ["OK 0x01\n", "OK 0x010203\n", "OK 0x01020g\n", "OK 010203\n"])
  func dataHasItsLength(text: String) {
    client.ask(.load(0x1001, bytes: 2))
    say(text)
    #expect(client.failure != nil)
  }

  @Test func anEndOfQEMUIsOne() {
    _ = shutdown(machine.number, CInt(SHUT_RDWR))
    while client.look() {}
    #expect(client.failure == .hungUp)
  }

  @Test func thePathIsGoneWhenQEMUHasCalled() {
    let before = unsafe access(client.path, F_OK)
    _ = client.look()
    let after = unsafe access(client.path, F_OK)
    #expect(client.isConnected && before == 0 && after != 0)
  }

  @Test func aRefusalNamesCommandAndAnswer() {
    client.ask(.step(nanoseconds: 1))
    say("FAIL no such clock\n")
    #expect(client.failure?.description == "qtest answered 'FAIL no such clock' to 'clock_step 1'")
  }
}
