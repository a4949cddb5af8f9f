import LinkBroker
import RunEvents
import SuiteLanguage
import Testing

@testable import Runner

/// A model that reacts wrongly to a fault, and how the case about that fault finds it out.
struct Mutant: Sendable, CustomTestStringConvertible {
  let id: FaultID
  /// What is wrong with the model.
  let habit: String
  /// The case of `Suites/faults.yaml` or `Suites/faults-more.yaml`.
  let caseName: String
  let nodes: MutantNodes
  let type: FailureType
  /// The whole message of the failure; a star stands for what depends on drawn data or on lines.
  let message: String

  init(
    _ id: FaultID, _ habit: String, in caseName: String? = nil, at node: String,
    _ type: FailureType, _ message: String, _ wrong: @escaping @Sendable (any FabricNode) -> any FabricNode
  ) {
    self.id = id
    self.habit = habit
    self.caseName = caseName ?? id.caseName
    nodes = MutantNodes(name: node, wrong: wrong)
    self.type = type
    self.message = message
  }

  /// Whether a message is the expected one.
  func says(_ text: String) -> Bool {
    let parts = message.split(separator: "*", omittingEmptySubsequences: false)
    var rest = text[...]
    for (index, part) in parts.enumerated() {
      if index == 0 {
        guard rest.hasPrefix(part) else { return false }
        rest = rest.dropFirst(part.count)
      } else if index == parts.count - 1, !part.isEmpty {
        return rest.hasSuffix(part)
      } else if !part.isEmpty {
        guard let range = rest.firstRange(of: part) else { return false }
        rest = rest[range.upperBound...]
      }
    }
    return parts.count > 1 || rest.isEmpty
  }

  var testDescription: String { "\(id.rawValue): \(habit)" }
}

extension Mutant {
  /// A mutant whose port does wrong to what it sends or receives.
  init(
    _ id: FaultID, _ habit: String, in caseName: String? = nil, _ type: FailureType, _ message: String,
    port: @escaping @Sendable () -> any FrameDisturbance
  ) {
    self.id = id
    self.habit = habit
    self.caseName = caseName ?? id.caseName
    nodes = MutantNodes(port: port)
    self.type = type
    self.message = message
  }
}

/// The product's models with one in the place of another, or with a port that does wrong.
struct MutantNodes: NodeSource {
  var name = ""
  var wrong: @Sendable (any FabricNode) -> any FabricNode = { $0 }
  var port: (@Sendable () -> any FrameDisturbance)?

  func prepare(_ fabric: inout Fabric) {
    if let port { fabric.disturbFrames(by: port()) }
  }

  func node(_ model: any FabricNode, named name: String) -> any FabricNode {
    name == self.name ? wrong(model) : model
  }
}

extension FaultID {
  /// The name of the case about it.
  var caseName: String { rawValue.replacing(".", with: "-").replacing("_", with: "-") }
}
