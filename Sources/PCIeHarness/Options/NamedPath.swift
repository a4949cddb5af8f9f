import ArgumentParser

/// A name with a path on the command line, `NAME=PATH`.
struct NamedPath: ExpressibleByArgument {
  let name: String
  let path: String

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1)
    guard parts.count == 2, !parts[0].isEmpty else { return nil }
    name = String(parts[0])
    path = String(parts[1])
  }
}
