import Nodes
import SuiteLanguage
import Testing

@testable import Runner

/// Whether KVM is taken for a board, with a program in the place of QEMU and facts in the place of a machine's.
@Suite(.timeLimit(.minutes(5))) struct KVMProbeTests {
  private static let good = KVMProbe.Facts(
    processor: "processor\t: 0\nflags\t\t: fpu vme vmx sse2\n", isOpen: true, isEmulated: false)

  /// A board whose program does something when its accelerator is KVM, and never comes up elsewhere.
  private func places(_ script: String) throws -> NodePlaces {
    let text = """
      format: 1
      board: machine
      arch: x86_64
      simulator: qemu
      launch: {program: sh, args: [[-c, 'test "$1" = kvm || exec cat; \(script)', sh, $accelerator]]}
      console: pipe
      ready: {matches: up, timeout: 20s}
      stop: {signal: KILL, grace: 1s}

      """
    let bytes = Array(text.utf8)
    let board = try #require(BoardLoader.load(path: "machine.yaml", bytes: bytes).board)
    var places = NodePlaces()
    places.boards["machine"] = LoadedBoard(path: "machine.yaml", text: bytes, board: board)
    return places
  }

  private func probe(
    _ script: String, facts: KVMProbe.Facts = good, limit: TimeSpan = .seconds(10)
  ) throws -> KVMProbe.Answer {
    let places = try places(script)
    let board = try #require(places.boards["machine"]?.board)
    return KVMProbe(places, facts: facts, limit: limit).probe(board, image: nil)
  }

  @Test func aMachineThatBootsInTimeRunsByKVM() throws {
    #expect(try probe("echo up; exec cat") == .works)
  }

  @Test func oneThatDoesNotBootInTimeDoesNot() throws {
    let answer = try probe("exec cat", limit: .milliseconds(200))
    #expect(answer == .refused("machine was not up within 200ms"))
  }

  @Test func oneThatEndsDoesNot() throws {
    let answer = try probe("echo kvm: no such device; exit 1")
    #expect(answer == .refused("machine exited with status 1 before it was up"))
  }

  @Test(
    arguments: [
      ("flags: vmx", true, false, nil), ("flags: fpu svm", true, false, nil),
      ("flags: fpu", true, false, "the processor has neither vmx nor svm"),
      ("", true, false, "the processor has neither vmx nor svm"),
      ("flags: vmx", false, false, "/dev/kvm cannot be opened"),
      ("flags: vmx", true, true, "its module kvm_pvm does without the processor's help"),
    ] as [(String, Bool, Bool, String?)])
  func whatCannotWorkIsNotBooted(processor: String, isOpen: Bool, isEmulated: Bool, reason: String?) throws {
    let facts = KVMProbe.Facts(processor: processor, isOpen: isOpen, isEmulated: isEmulated)
    #expect(facts.refusal == reason)
    guard let reason else { return }
    // It would be up at once.
    #expect(try probe("echo up; exec cat", facts: facts) == .refused(reason))
  }

  @Test func withoutThatMachinesAreEmulated() throws {
    var places = try places("")
    var start = BoardStart(board: try #require(places.boards["machine"]?.board), node: "m")
    #expect(try start.launch().arguments.last == "tcg")
    start.accelerator = .kvm
    #expect(try start.launch().arguments.last == "kvm")
    places.accelerated = ["machine"]
    #expect(places.commands.contains(.place(.accelerator, name: "machine", path: "kvm")))
  }
}
