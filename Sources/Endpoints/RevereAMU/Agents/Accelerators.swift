/// The agents that suites can name; `RevereInterface.accelerators` has their words for the loader.
public enum Accelerators {
  /// One of each.
  public static let all: [any AcceleratorAgent] = [
    InvertAgent(), DeflateAgent(isCompressing: true), DeflateAgent(isCompressing: false), CopyAgent(),
    HashAgent(),
  ]

  /// The agent of a word; nil where none has it.
  public static func named(_ name: String) -> (any AcceleratorAgent)? { all.first { $0.name == name } }
}
