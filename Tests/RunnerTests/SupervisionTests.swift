import Nodes
import RunEvents
import SuiteLanguage
import Testing

@testable import Runner

@Suite struct SupervisionTests {
  @Test func exclusiveCasesWaitForAllOthersAndRunAlone() {
    var queue = CaseQueue(count: 4) { $0 == 0 || $0 == 2 }
    #expect(queue.next(whileRunning: 0)?.number == 1)
    #expect(queue.next(whileRunning: 1)?.number == 3)
    #expect(queue.next(whileRunning: 2) == nil)
    queue.tryAgain(CaseQueue.Entry(number: 1, attempt: 2))
    #expect(queue.next(whileRunning: 1) == CaseQueue.Entry(number: 1, attempt: 2))
    #expect(queue.next(whileRunning: 1) == nil)
    #expect(queue.next(whileRunning: 0)?.number == 0)
    #expect(queue.next(whileRunning: 1) == nil)
    #expect(!queue.isEmpty)
    #expect(queue.next(whileRunning: 0)?.number == 2)
    #expect(queue.isEmpty && queue.next(whileRunning: 0) == nil)
  }

  @Test func aCaseThatDoesNotFitWaitsAndSoDoThoseBehindIt() {
    var queue = CaseQueue(count: 3) { _ in false }
    let weights = [3, 1, 1]
    #expect(queue.next(whileRunning: 2) { weights[$0] <= 2 } == nil)
    #expect(queue.next(whileRunning: 1) { weights[$0] <= 3 }?.number == 0)
    #expect(queue.next(whileRunning: 1) { weights[$0] <= 0 } == nil)
    // Alone even the heaviest may run.
    #expect(queue.next(whileRunning: 0) { _ in false }?.number == 1)
    queue.tryAgain(CaseQueue.Entry(number: 0, attempt: 2))
    #expect(queue.next(whileRunning: 1) { weights[$0] <= 2 } == nil)
    #expect(queue.next(whileRunning: 1) { weights[$0] <= 3 }?.attempt == 2)
  }

  @Test func aCaseThatNeedsABusyWorkerIsPassedOver() {
    var queue = CaseQueue(count: 4) { $0 == 3 }
    #expect(queue.next(whileRunning: 1, isBound: { $0 < 2 })?.number == 2)
    #expect(queue.next(whileRunning: 1, isBound: { $0 < 2 }) == nil)
    queue.tryAgain(CaseQueue.Entry(number: 1, attempt: 2))
    #expect(queue.holds { $0 == 0 } && queue.holds { $0 == 3 } && !queue.holds { $0 == 2 })
    #expect(queue.next(whileRunning: 1, isBound: { $0 == 1 })?.number == 0)
    #expect(queue.next(whileRunning: 0)?.attempt == 2)
  }

  @Test func aCaseFitsWhenSlotsAndMemoryAreFree() {
    let whole = CaseWeight(slots: 4, memory: 1000)
    let taken = CaseWeight(slots: 1, memory: 600)
    #expect(CaseWeight(slots: 3, memory: 400).fits(into: whole, beside: taken))
    #expect(!CaseWeight(slots: 4, memory: 0).fits(into: whole, beside: taken))
    #expect(!CaseWeight(slots: 1, memory: 401).fits(into: whole, beside: taken))
    #expect(!CaseWeight(slots: 1, memory: .max).fits(into: whole, beside: taken))
    #expect(CaseWeight(slots: 1, memory: .max).fits(into: CaseWeight(slots: 2, memory: .max), beside: taken))
  }

  @Test(arguments: [
    ("MemFree: 1 kB\nMemAvailable:    2048 kB\n", UInt64(2_097_152)), ("MemFree: 1 kB\n", nil),
    ("MemAvailable: x kB\n", nil), ("MemAvailable: 18446744073709551615 kB\n", nil),
  ])
  func availableMemory(_ text: String, _ bytes: UInt64?) { #expect(Machine.memory(text) == bytes) }

  @Test(arguments: [
    Token.signals, .alarm, .worker(slot: 0, generation: 1, channel: .control),
    .worker(slot: 1023, generation: 1 << 39, channel: .end),
    .worker(slot: 7, generation: 3, channel: .events),
  ])
  func tokensComeBack(_ token: Token) { #expect(Token(bits: token.bits) == token) }

  @Test func commandsComeBackInAnyPieces() throws {
    let task = WorkerTask(
      suite: 1, instance: 2, key: CaseKey(instance: 3, attempt: 4), seed: .max,
      timeoutScale: TimeoutScale(thousandths: 1500), keepsRoot: true)
    let commands = [
      WorkerCommand.suite(index: 0, path: "a b\nc.yaml", text: Array("x: 1\nrun 1".utf8)), .run(task),
      .board(path: "Boards/a b.yaml", text: Array("board: a\n".utf8)),
      .place(.tool, name: "qemu", path: "/opt/my qemu"), .place(.image, name: "fw", path: "a\nb"),
      .suite(index: 5, path: "", text: []), .run(task),
    ]
    let bytes = commands.flatMap(\.bytes)
    for size in [1, 2, 7, bytes.count] {
      var reader = WorkerCommandReader()
      var read: [WorkerCommand] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        reader.append(Array(bytes[start..<min(start + size, bytes.count)]))
        while let command = try reader.next() { read.append(command) }
      }
      #expect(read == commands)
    }
  }

  @Test(arguments: [
    "go", "suite 1 2", "suite 1 2 -3", "board 1", "tool x 1", "image 1 -1", "run 1 2 3 4 5 6",
    "run 1 2 3 4 x 6 7", "",
  ])
  func otherLinesAreNoCommands(_ line: String) {
    var reader = WorkerCommandReader()
    reader.append(Array("\(line)\n".utf8))
    #expect(throws: SystemError.self) { try reader.next() }
  }

  @Test func seedsAreTheGivenOneElseTheCommonOneElseDrawn() throws {
    let fixed = try Fixture.plan("a: {seed: 0x7, …}", "b: {seed: 0x7, …}").instances
    let mixed = try Fixture.plan("a: {seed: 0x7, …}", "b: {…}").instances
    #expect(try RunSeeds.seed(given: 3, cases: fixed) == 3)
    #expect(try RunSeeds.seed(given: nil, cases: fixed) == 7)
    #expect(try RunSeeds.seed(given: nil, cases: mixed) != RunSeeds.seed(given: nil, cases: mixed))
    #expect(RunSeeds.base(of: mixed[0], run: 3, isGiven: false) == 7)
    #expect(RunSeeds.base(of: mixed[0], run: 3, isGiven: true) == 3)
    #expect(RunSeeds.base(of: mixed[1], run: 3, isGiven: false) == 3)
  }

  @Test(arguments: [
    ("2", 2000), ("1.5", 1500), ("0.25", 250), ("0.125", 125), ("0", nil), ("1.", nil), (".5", nil),
    ("-1", nil), ("1e3", nil), ("0.0001", nil), ("1.2.3", nil), ("", nil), ("2000000", nil),
  ])
  func factors(_ text: String, _ thousandths: UInt64?) {
    #expect(TimeoutScale(text)?.thousandths == thousandths)
  }

  @Test func factorsKeepEveryPicosecondAndStayInRange() {
    #expect(TimeoutScale(thousandths: 1500).applied(to: TimeSpan(picoseconds: 1001)).picoseconds == 1501)
    #expect(TimeoutScale(thousandths: 9000).applied(to: TimeSpan(picoseconds: .max)).picoseconds == .max)
  }

  @Test(arguments: [("trap:s.a", true), ("hang:s.a[k=1:2]", true), ("trap", false), ("burn:s.a", false)])
  func drills(_ text: String, _ isKnown: Bool) { #expect(Drill(text)?.text == (isKnown ? text : nil)) }

  @Test(arguments: [
    ("max 100000\n", nil), ("150000 100000\n", 2), ("100000 100000\n", 1), ("", nil), ("5000 100000", 1),
  ])
  func quotas(_ text: String, _ cores: Int?) { #expect(Machine.quota(text) == cores) }
}
