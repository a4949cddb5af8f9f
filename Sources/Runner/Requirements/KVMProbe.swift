import Glibc
import Nodes
import RunEvents
public import SuiteLanguage

/// Finds out whether KVM runs the machine of a board: by what this machine has, and then by a boot in time.
///
/// A device node that opens, and even a virtual machine that it makes, prove nothing: where one machine
/// emulates another, KVM may be there and take minutes for the first lines of a kernel.
public struct KVMProbe {
  /// What is known of KVM without starting anything.
  struct Facts {
    /// The text of `/proc/cpuinfo`.
    var processor: String
    /// Whether `/dev/kvm` may be read and written.
    var isOpen: Bool
    /// Whether the module is the one that works without the processor's help.
    var isEmulated: Bool

    /// Those of this machine.
    static var own: Facts {
      Facts(
        processor: (try? FileStore.read("/proc/cpuinfo")).map { String(decoding: $0, as: UTF8.self) } ?? "",
        isOpen: canOpen("/dev/kvm"),
        isEmulated: FileStore.kind("/sys/module/kvm_pvm") != nil)
    }

    private static func canOpen(_ path: String) -> Bool {
      do throws(SystemError) {
        _ = try Descriptor.open(path, O_RDWR | O_CLOEXEC, "open")
        return true
      } catch { return false }
    }

    /// Why no boot need be tried; nil where one is to tell.
    var refusal: String? {
      if !isOpen { return "/dev/kvm cannot be opened" }
      if isEmulated { return "its module kvm_pvm does without the processor's help" }
      let flags = processor.split(whereSeparator: \.isNewline).first { $0.hasPrefix("flags") } ?? ""
      guard flags.split(separator: " ").contains(where: { $0 == "vmx" || $0 == "svm" }) else {
        return "the processor has neither vmx nor svm"
      }
      return nil
    }
  }

  /// What a probe has given.
  public enum Answer: Hashable, Sendable {
    case works
    /// Why it is not taken.
    case refused(String)
  }

  private let facts: Facts
  private let limit: TimeSpan
  private let places: NodePlaces

  /// Makes a probe of this machine.
  public init(_ places: NodePlaces) { self.init(places, facts: .own, limit: .seconds(20)) }

  init(_ places: NodePlaces, facts: Facts, limit: TimeSpan) {
    self.places = places
    self.facts = facts
    self.limit = limit
  }

  /// Boots a board with KVM, unless it cannot work; takes no longer than the limit and the board's grace.
  ///
  /// - Parameter image: the path of what the board runs; nil where it runs no image.
  public func probe(_ board: Board, image: String?) -> Answer {
    if let refusal = facts.refusal { return .refused(refusal) }
    let result = SuiteLoader.load(path: "probe.yaml", bytes: Array(suite(board, image: image).utf8))
    guard let plan = result.plan, let instance = plan.instances.first else {
      return .refused(result.diagnostics.first?.message ?? "it has no suite")
    }
    var task = CaseTask(plan: plan, instance: instance, seed: 0)
    task.places = places
    task.places.accelerated = [board.name]
    if let image { task.places.images["image"] = image }
    var performer = FabricPerformer()
    let outcome = performer.perform(task) { _, _ in }
    if outcome.verdict == .passed { return .works }
    return .refused(outcome.message)
  }

  private func suite(_ board: Board, image: String?) -> String {
    let runs = image == nil ? "" : "image: image, "
    return """
      format: 1
      suite: probe
      timeout: \(limit.picoseconds / 1_000_000_000)ms
      images: {image: {file: image, hint: none}}
      topology: {nodes: {machine: {board: \(board.name), \(runs)role: root-complex}}}
      cases: {boots: {steps: [{note: {text: it is up}}]}}

      """
  }
}

extension NodePlaces {
  /// Lets KVM run the machines of those boards that name an accelerator and boot with it, and gives a line
  /// for each board.
  public mutating func accelerate(_ suites: [LoadedSuite], _ cases: [SelectedCase]) -> [String] {
    var lines: [String] = []
    var tried: Set<String> = []
    let probe = KVMProbe(self)
    for selected in cases where selected.skipReason == nil {
      let plan = suites[selected.suite].plan
      for node in plan.instances[selected.instance].topology.outsideNodes {
        guard let board = boards[node.board.board]?.board, board.uses(.accelerator),
          tried.insert(board.name).inserted
        else { continue }
        let image = plan.suite.images.first { $0.name == node.board.image }
        switch probe.probe(board, image: image.map { file(of: $0, suitePath: plan.source.path) }) {
        case .works:
          accelerated.insert(board.name)
          lines.append("kvm: board '\(board.name)' boots with it, and so all its machines do")
        case .refused(let reason): lines.append("kvm: not for board '\(board.name)': \(reason)")
        }
      }
    }
    return lines
  }
}
