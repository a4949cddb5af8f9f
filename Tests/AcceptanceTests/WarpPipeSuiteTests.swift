import Foundation
import Testing

/// Programs on a Warp Pipe wire, as nodes of a run.
@Suite(.timeLimit(.minutes(5))) struct WarpPipeSuiteTests {
  @Test(arguments: ProductSuiteTests.warpPipeNames) func passes(name: String) throws {
    let folder = try Folder()
    let path = ProductSuiteTests.suites.appending(path: name).path(percentEncoded: false)
    let ending = try Program(
      [
        "run", path, "--jobs", "2", "--require-all", "--junit", "r.xml", "--image",
        "client=\(try LinkProgram.path("warp"))",
      ], in: folder
    ).wait()
    #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending.errors)\(ending.output)")
    #expect(try folder.text("r.xml").contains("failures=\"0\" errors=\"0\" skipped=\"0\""))
  }

  /// What programs do wrong, each with what is told of it.
  @Test(arguments: WarpPipePeers.all) func whatAProgramDoesWrongIsTold(peer: WarpPipePeers.Peer) throws {
    let folder = try WarpPipePeers.folder(peer)
    let ending = try Program.run("run", "Suites/s.yaml", "Suites/models.yaml", in: folder)
    #expect(ending.status == 1, "\(ending.output)")
    for text in peer.told + ["peer: here", "2 cases: 1 passed, 1 "] {
      #expect(ending.output.contains(text), "\(ending.output)")
    }
    #expect(!ending.output.contains("left a process behind"))
  }

  @Test func portOfSomebodyElseIsAnErrorOfTheSimulator() throws {
    let peer = WarpPipePeers.Peer(role: .endpoint, board: "warp-pipe-listen", script: "pass", told: [])
    let folder = try WarpPipePeers.folder(peer, port: ", port: PORT")
    let ending = try Program.shell(
      """
      mkfifo says
      python3 -c "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()
      print(s.getsockname()[1], flush=True); s.accept()" > says & exec 3< says; read port <&3
      sed -i "s/PORT/$port/" Suites/s.yaml
      $P run Suites/s.yaml; status=$?
      python3 -c "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])))" $port
      wait; exit $status
      """, in: folder)
    #expect(ending.status != 0)
    #expect(ending.output.contains("node 'ep' has no end of its link: cannot listen at tcp:127.0.0.1:"))
    #expect(
      ending.output.contains("somebody listens there already, perhaps a process that an earlier run left"))
  }

  @Test func boardsAndSuitesThatDoNotFitAreTold() throws {
    let peer = WarpPipePeers.Peer(role: .endpoint, script: "pass", told: [])
    let folder = try WarpPipePeers.folder(peer)
    let suite = try folder.text("Suites/s.yaml")
    try folder.write("Suites/s.yaml", suite.replacing(", wire: warp-pipe", with: ""))
    let plain = try Program.run("check", "Suites/s.yaml", in: folder)
    #expect(plain.status == 65)
    #expect(
      plain.errors.contains(
        "Suites/s.yaml:9:5: error: board 'warp-pipe' runs $port, and 'ep' has no link of wire: warp-pipe"),
      "\(plain.errors)")
    try folder.write("Suites/s.yaml", suite.replacing("board: warp-pipe,", with: "board: native,"))
    let native = try Program.run("check", "Suites/s.yaml", in: folder)
    #expect(
      native.errors.contains(
        "Suites/s.yaml:9:5: error: the program of 'ep' learns no port: give it $port in board 'native', or the "
          + "node a port: NUMBER"), "\(native.errors)")
  }
}
