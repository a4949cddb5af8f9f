/// What a suite file says about itself and its cases, before matrix expansion.
public struct Suite: Sendable {
  public var name: String
  public var about: String?
  public var tags: [String]
  /// The seed the suite fixes; nil lets the runner draw one.
  public var seed: UInt64?
  public var images: [Image]
  public var cases: [CaseDescription]

  init(name: String) {
    self.name = name
    tags = []
    images = []
    cases = []
  }
}

/// A file that a node runs, and how to get it when it is absent.
public struct Image: Hashable, Sendable {
  public var name: String
  public var file: String
  public var hint: String
  public var span: SourceSpan
}

/// A case as its author wrote it, standing for one or more instances.
public struct CaseDescription: Hashable, Sendable {
  public var name: String
  public var about: String?
  public var tags: [String]
  /// The names of the matrix keys that reach the case, those of the suite first.
  public var matrixKeys: [String]
  /// How many instances the plan holds for the case.
  public var instanceCount: Int
  /// The place of the case's name.
  public var span: SourceSpan
}

/// A tool or feature a case cannot run without; its absence makes a skip.
public struct Requirement: Hashable, Sendable {
  public var tool: String
  /// The least version, compared part by part: 10.10 is newer than 10.9.
  public var version: ToolVersion?
  /// The arguments that make the tool print what is compared.
  public var probe: [String]
  /// A pattern that the probe's output must hold.
  public var matches: String?
  /// What doctor and the skip reason tell the user.
  public var hint: String
  public var span: SourceSpan
}

/// A version number compared part by part.
public struct ToolVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
  public var parts: [UInt64]

  public init(parts: [UInt64]) { self.parts = parts }

  public static func < (left: ToolVersion, right: ToolVersion) -> Bool {
    for index in 0..<max(left.parts.count, right.parts.count) {
      let one = index < left.parts.count ? left.parts[index] : 0
      let other = index < right.parts.count ? right.parts[index] : 0
      if one != other { return one < other }
    }
    return false
  }

  public var description: String { parts.map { "\($0)" }.joined(separator: ".") }
}

/// Why a case is expected to fail; passing is then a failure.
public struct KnownFailure: Hashable, Sendable {
  public var reason: String
  public var issue: String
}
