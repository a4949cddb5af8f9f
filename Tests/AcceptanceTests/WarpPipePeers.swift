import Foundation
import Testing

/// Programs that do one thing wrong on a Warp Pipe wire.
enum WarpPipePeers {
  /// A script, and what a run tells of it.
  struct Peer: Sendable, CustomTestStringConvertible {
    enum Role: String {
      case host
      case endpoint
    }

    var role: Role
    var board = "warp-pipe"
    /// Python, in which `link` is the connection.
    var script: String
    var told: [String]

    var testDescription: String { "\(role): \(told.first ?? "")" }
  }

  /// The frames of an unmodified client: the read of register 0.
  private static let read =
    "bytes.fromhex('03 00 01 04 00 00 01 00 00 00 0f 00 00 00 00 af 18 00 9a')"
  private static let stay = "time.sleep(60)"

  static let all: [Peer] = [
    Peer(
      role: .endpoint, script: "link = None; \(stay)",
      told: ["ep had not joined its link within 400ms", "it was to call tcp:127.0.0.1:"]),
    Peer(
      role: .endpoint, board: "warp-pipe-listen", script: stay,
      told: ["ep had not joined its link within 400ms", "it was called at tcp:127.0.0.1:"]),
    Peer(
      role: .endpoint, script: "link = call(); \(stay)",
      told: ["ep had not joined its link within 400ms; it has connected and says nothing"]),
    Peer(
      role: .endpoint, script: "call(); sys.exit(3)",
      told: ["ep cannot join its link: the peer has closed the connection"]),
    Peer(
      role: .endpoint, script: "link = call(); link.sendall(b'\\xff' * 7); \(stay)",
      told: ["ep cannot join its link: the peer does not speak the protocol: a frame begins with byte 0xff"]),
    Peer(
      role: .endpoint, script: "link = call(); link.sendall(\(read)[:9]); sys.exit(0)",
      told: [
        "ep cannot join its link: the peer has closed the connection inside a frame, after 9 bytes of it"
      ]),
    Peer(
      role: .host, script: "link = call(); link.sendall(b'\\x00' * 99); \(stay)",
      told: [
        "node-protocol at ep, link l0: the peer does not speak the protocol: a frame begins with byte 0x0"
      ]),
    Peer(
      role: .host, script: "link = call(); link.sendall(b'\\x03\\x00\\x01\\x80' + bytes(20)); \(stay)",
      told: ["node-protocol at ep, link l0", "a TLP begins with byte 0x80, whose Fmt is none of 0 to 3"]),
    Peer(
      role: .host, script: "link = call(); link.sendall(\(read)[:9]); link.close(); \(stay)",
      told: [
        "node-protocol at ep, link l0: the peer has closed the connection inside a frame, after 9 bytes of it"
      ]),
    Peer(
      role: .host, script: "link = call(); link.sendall(\(read)[:9]); \(stay)",
      told: ["node-protocol at ep, link l0", "it stopped inside a frame, after 9 bytes of it, for 2 s"]),
    Peer(
      role: .host, script: "first = call(); second = call(); \(stay)",
      told: ["node-protocol at ep, link l0: a second program has connected at tcp:127.0.0.1:"]),
    Peer(
      role: .host, script: "link = call(); link.sendall(\(read) * 200000); \(stay)",
      told: ["node-protocol at ep, link l0", "it has acknowledged nothing for 2 s"]),
    // Each is answered by a Nak, which nobody reads.
    Peer(
      role: .host, script: "link = call(); link.sendall((\(read)[:-1] + b'!') * 200000); \(stay)",
      told: ["node-protocol at ep, link l0", "it has not read for 2 s what waits for it"]),
    Peer(
      role: .host, script: "link = call(); link.sendall(\(read)); link.recv(4096); \(stay)",
      told: ["node-protocol at ep, link l0", "it has acknowledged nothing for 2 s"]),
  ]

  /// A folder with a suite in which the program plays node `ep`, and another suite that is not to suffer.
  static func folder(_ peer: Peer, port: String = "") throws -> Folder {
    let folder = try Folder()
    for name in ["native", "warp-pipe", "warp-pipe-listen"] {
      let board = ReadmeTests.root.appending(path: "Boards/\(name).yaml")
      try folder.write("Boards/\(name).yaml", try String(contentsOf: board, encoding: .utf8))
    }
    let script = """
      #!/usr/bin/env python3
      import socket, sys, time
      print('peer: here', flush=True)
      def call(): return socket.create_connection((sys.argv[1], int(sys.argv[2])))
      \(peer.script)

      """
    try folder.write("app", script, isProgram: true)
    let other = peer.role == .host ? "memory-mock" : "root-complex"
    let ends = peer.role == .host ? "upstream: ep, downstream: other" : "upstream: other, downstream: ep"
    let limit = peer.told.contains { $0.contains("400ms") } ? "400ms" : "20s"
    try folder.write(
      "Suites/s.yaml",
      """
      format: 1
      suite: s
      timeout: \(limit)
      images:
        app: {file: ../app, hint: none}
      topology:
        nodes:
          other: {model: \(other)}
          ep: {board: \(peer.board), image: app, role: \(peer.role == .host ? "root-complex" : "endpoint")\(port)}
        links:
          l0: {\(ends), wire: warp-pipe}
      cases:
        c:
          steps: [{wait: {link: l0, state: down, timeout: 15s}}]

      """)
    try folder.write(
      "Suites/models.yaml",
      """
      format: 1
      suite: models
      topology:
        nodes:
          rc: {model: root-complex}
          mem: {model: memory-mock}
        links:
          l0: {upstream: rc, downstream: mem}
      cases:
        unharmed:
          steps: [{mem_read: {by: rc, from: mem.bar0, offset: 0x0, length: 4B}}]

      """)
    return folder
  }
}
