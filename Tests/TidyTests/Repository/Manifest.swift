import Foundation

/// The package as the toolchain reads it.
struct Manifest: Sendable {
  struct Target: Sendable {
    let name: String
    let type: String
    let path: String?
    let dependencies: [String]
  }

  var targets: [Target]

  /// Reads the output of `swift package dump-package`.
  init(json: Data) throws {
    targets = try JSONDecoder().decode(Package.self, from: json).targets.map { target in
      Target(
        name: target.name, type: target.type, path: target.path,
        dependencies: target.dependencies.compactMap {
          $0.byName?.first?.name ?? $0.target?.first?.name ?? $0.product?.first?.name
        })
    }
  }

  private struct Package: Decodable { let targets: [RawTarget] }
  private struct RawTarget: Decodable {
    let name: String
    let type: String
    let path: String?
    let dependencies: [Dependency]
  }
  /// Each form is a list whose first element is the name and whose others are options.
  private struct Dependency: Decodable {
    let byName: [Element]?
    let target: [Element]?
    let product: [Element]?
  }
  private struct Element: Decodable {
    let name: String?
    init(from decoder: any Decoder) throws { name = try? decoder.singleValueContainer().decode(String.self) }
  }

  /// Each folder below Sources and Tests is a target, and each source file is of a kind that builds.
  func findings(paths: [String]) -> [Finding] {
    let names = Set(targets.map(\.name))
    var findings: [Finding] = []
    for path in paths where path.hasPrefix("Sources/") || path.hasPrefix("Tests/") {
      let parts = path.split(separator: "/").map(String.init)
      let owner = parts.count > 2 ? parts[1] : ""
      let isFolder = names.contains(owner) || Self.folders.contains(where: path.hasPrefix)
      if !isFolder {
        findings.append(Finding(path: path, line: 1, message: "no target of the package holds this file"))
      } else if path.hasPrefix("Sources/"), !path.contains(".docc/"),
        !Self.kinds.contains(where: path.hasSuffix)
      {
        findings.append(Finding(path: path, line: 1, message: "a file of this kind is part of no target"))
      }
    }
    return findings
  }

  private static let kinds = [".swift", ".c", ".h", ".modulemap", ".lua", "/CMakeLists.txt", ".pc.in"]
  /// Folders beside the test targets that no target owns: what they hold is built by name.
  private static let folders = ["Tests/Fuzz/"]
}
