public import Nodes

/// Finds the suite files that the paths on a command line mean.
public enum SuiteFinder {
  /// A suite file, and the note that tells the user when it is not the path that was typed.
  public struct Found: Hashable, Sendable {
    /// The real path.
    public var path: String
    /// Why it is not the path that was given; nil when it is.
    public var note: String?
  }

  /// The files that a path means: the file itself, or all suites of a folder, sorted.
  public static func suites(at path: String) throws(FindError) -> [Found] {
    let real = try locate(path)
    var note: String?
    if real != path { note = "no \(path); using \(real)" }
    guard FileStore.kind(real) == .folder else { return [Found(path: real, note: note)] }
    let names: [String]
    do throws(SystemError) { names = try FileStore.entries(real) } catch { throw .unreadable(error) }
    let folder = real.hasSuffix("/") ? real : real + "/"
    let files = names.filter { isSuiteName($0) && FileStore.kind(folder + $0) == .file }.map { folder + $0 }
    if files.isEmpty {
      throw .noSuites(
        folder: real, below: names.filter { FileStore.kind(folder + $0) == .folder }.map { folder + $0 })
    }
    return files.enumerated().map { Found(path: $0.element, note: $0.offset == 0 ? note : nil) }
  }

  private static func isSuiteName(_ name: String) -> Bool {
    !name.hasPrefix(".") && (name.hasSuffix(".yaml") || name.hasSuffix(".yml"))
  }

  /// The path that exists: as given, else the only one that differs in case alone.
  static func locate(_ path: String) throws(FindError) -> String {
    if path.isEmpty { throw .emptyPath }
    if FileStore.kind(path) != nil { return path }
    let matches = candidates(path)
    if matches.count == 1 { return matches[0] }
    throw matches.isEmpty
      ? .noSuchSuite(path: path, nearest: nearest(path)) : .severalMatch(path: path, matches)
  }

  /// All existing paths that equal the given one when case is ignored in each component.
  private static func candidates(_ path: String) -> [String] {
    var found = [path.hasPrefix("/") ? "/" : ""]
    for part in path.split(separator: "/") {
      found = found.flatMap { folder in children(of: folder, matching: String(part)) }
      if found.isEmpty { return [] }
    }
    return found
  }

  private static func children(of folder: String, matching part: String) -> [String] {
    let prefix = folder.isEmpty || folder.hasSuffix("/") ? folder : folder + "/"
    if part == "." || part == ".." { return [prefix + part] }
    let wanted = part.lowercased()
    let names = (try? FileStore.entries(folder.isEmpty ? "." : folder)) ?? []
    return names.filter { $0.lowercased() == wanted }.map { prefix + $0 }
  }

  /// The existing suite whose path is the nearest, in the folder meant or in those that differ from it in
  /// case.
  private static func nearest(_ path: String) -> String? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let above = parts.dropLast().joined(separator: "/")
    let name = String(parts.last ?? "")
    let folders = above.isEmpty ? [path.hasPrefix("/") ? "/" : ""] : candidates(above)
    for folder in folders {
      let prefix = folder.isEmpty || folder.hasSuffix("/") ? folder : folder + "/"
      let names = ((try? FileStore.entries(folder.isEmpty ? "." : folder)) ?? []).filter {
        !$0.hasPrefix(".")
      }
      let same = names.first { stem($0).lowercased() == stem(name).lowercased() && isSuiteName($0) }
      if let same = same ?? NearName.find(name, among: names.filter(isSuiteName)) { return prefix + same }
    }
    guard folders.isEmpty else { return nil }
    // The folder itself is misspelt.
    let top = (try? FileStore.entries(".")) ?? []
    guard !path.hasPrefix("/"), let first = parts.first.map({ String($0).lowercased() }) else { return nil }
    let folder = NearName.find(
      first, among: top.filter { FileStore.kind($0) == .folder }.map { $0.lowercased() })
    guard let folder, let real = top.first(where: { $0.lowercased() == folder }) else { return nil }
    let full = ([real] + parts.dropFirst().map(String.init)).joined(separator: "/")
    return FileStore.kind(full) != nil ? full : candidates(full).first
  }

  private static func stem(_ name: String) -> Substring {
    name.split(separator: ".").first ?? Substring(name)
  }
}

/// Why no suite is found at a path.
public enum FindError: Error, Hashable, Sendable {
  case emptyPath
  case noSuchSuite(path: String, nearest: String?)
  case severalMatch(path: String, [String])
  case noSuites(folder: String, below: [String])
  case unreadable(SystemError)
}

extension FindError: CustomStringConvertible {
  /// The message with its code, without `error:`.
  public var description: String {
    switch self {
    case .emptyPath: return "an empty path; give a suite file or a folder of suites   [cli.no-such-suite]"
    case .noSuchSuite(let path, let nearest):
      let hint = nearest.map { "; did you mean \($0)?" } ?? ""
      return "no suite at \(path)\(hint)   [cli.no-such-suite]"
    case .severalMatch(let path, let matches):
      return "no \(path), and several paths differ from it in case only: \(matches.joined(separator: ", "))"
        + "   [cli.ambiguous-suite]"
    case .noSuites(let folder, let below):
      let hint = below.isEmpty ? "" : "; folders within it are not searched: \(below.joined(separator: ", "))"
      return "no suites (*.yaml) in folder \(folder)\(hint)   [cli.no-suites]"
    case .unreadable(let error): return "\(error)   [cli.unreadable]"
    }
  }
}
