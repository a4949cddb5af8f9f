import Nodes

/// Where sockets with a path stand.
enum SocketFolder {
  /// A path at which nothing is: in TMPDIR, where that leaves room for it and needs no quotes, or in /tmp.
  ///
  /// - Parameter name: gives a name that no other process takes, each time another one.
  static func path(of name: () -> String) -> String {
    let folder = Machine.environment("TMPDIR") ?? standard
    while true {
      let name = name()
      let wanted = "\(folder)/\(name)"
      let path = isUsable(wanted) ? wanted : "\(standard)/\(name)"
      // What an earlier process of this number may have left there.
      if FileStore.kind(path) == nil { return path }
    }
  }

  /// What the names of a process's sockets begin with, and of no other's.
  static func prefix(ofProcess process: Int) -> String { "pcie-harness.\(process)." }

  /// Removes the sockets that a process has left behind, which has ended without closing them.
  ///
  static func sweep(process: Int) {
    let prefix = prefix(ofProcess: process)
    for folder in Set([Machine.environment("TMPDIR") ?? standard, standard]) {
      for name in (try? FileStore.entries(folder)) ?? [] where name.hasPrefix(prefix) {
        FileStore.remove("\(folder)/\(name)")
      }
    }
  }

  private static let standard = "/tmp"
  private static let bytesMax = 107

  /// Whether a path is short enough and can stand in any text, such as JSON.
  private static func isUsable(_ path: String) -> Bool {
    path.hasPrefix("/") && path.utf8.count <= bytesMax
      && path.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"),
          UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }
}
