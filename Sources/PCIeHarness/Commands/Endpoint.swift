import ArgumentParser
import Nodes
import RunEvents
import Runner
import SuiteLanguage

/// `endpoint`: a model on its own, for people with a runner of their own.
struct Endpoint: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serve one model to a program outside.",
    discussion: """
      tcp: addresses speak Warp Pipe's protocol: the program is the host, whoever of the two calls. unix: addresses \
      speak that of the C library CPCIeLink: with --listen a host program finds the model by PCIE_LINK=ADDRESS, with \
      --connect the model plays a node of another pcie-harness, whose PCIE_LINK it takes by default. vfio-user: paths \
      are for QEMU 10.1 and newer: start it when the model listens, with the device of the last example.

      EXAMPLES:
        pcie-harness endpoint memory-mock --listen tcp:127.0.0.1:2115
        pcie-harness endpoint dma-endpoint --settings 'bars: {bar0: 64KiB}, msix: 8' --listen unix:/tmp/dma#dma
        pcie-harness endpoint memory-mock --connect unix:/tmp/link#mem
        pcie-harness endpoint dma-endpoint --settings 'msix: 8' --listen vfio-user:/tmp/ep
          qemu-system-x86_64 -m 512M -machine q35,memory-backend=mem \\
            -object memory-backend-memfd,id=mem,size=512M,share=on -device pcie-root-port,id=rp \\
            -device '{"driver":"vfio-user-pci","bus":"rp","socket":{"type":"unix","path":"/tmp/ep"}}'
      """)

  @Argument(help: ArgumentHelp("The model, such as memory-mock.", valueName: "model"))
  var model: String

  @Option(
    help: ArgumentHelp(
      "Where programs find the model: tcp:HOST:PORT (port 0 takes a free one), unix:PATH#NODE or "
        + "vfio-user:PATH.",
      valueName: "address"))
  var listen: String?

  @Option(
    help: ArgumentHelp(
      "Where a program or another broker waits: tcp:HOST:PORT or unix:PATH#NODE.", valueName: "address"))
  var connect: String?

  @Option(
    help: ArgumentHelp(
      "Keys of the model as a suite has them, such as 'bars: {bar0: 4KiB}, msix: 4'.", valueName: "yaml"))
  var settings: String = ""

  @Option(help: ArgumentHelp("Decides what the model leaves to chance.", valueName: "hex"))
  var seed: SeedValue?

  @Flag(help: "End when the first program has gone.")
  var once = false

  func run() throws {
    let settings = try modelSettings()
    let server = EndpointServer(settings, wire: try wire(), seed: seed?.seed ?? 0)
    repeat {
      do {
        try server.serve { Speech.complain("\(model): \($0)") }
      } catch { throw Speech.fail("\(error)   [endpoint.no-wire]", .usage) }
    } while !once && connect == nil
  }

  private func wire() throws -> EndpointServer.Wire {
    let (text, isListening) =
      switch (listen, connect, Machine.environment("PCIE_LINK")) {
      case (let address?, nil, _): (address, true)
      case (nil, let address?, _): (address, false)
      case (nil, nil, let address?): (address, false)
      case (nil, nil, nil): throw Speech.fail("say --listen ADDRESS or --connect ADDRESS   [cli.no-address]")
      case (_?, _?, _): throw Speech.fail("--listen and --connect exclude each other   [cli.two-addresses]")
      }
    guard let wire = EndpointServer.Wire(text, isListening: isListening) else {
      throw Speech.fail(
        "'\(text)' is no address; write tcp:HOST:PORT in numbers, unix:PATH#NODE or, to listen, "
          + "vfio-user:PATH   [cli.bad-address]"
      )
    }
    return wire
  }

  /// What can be served: the models that have a link above them and none below.
  private static let served = Model.allCases.filter { $0.role == .endpoint }.map(\.rawValue)

  /// The model with its keys, read as part of a suite so that words, checks and messages are the same.
  private func modelSettings() throws -> ModelSettings {
    guard Self.served.contains(model) else {
      throw Speech.fail(
        "'\(model)' cannot be served at a link; what can is \(Self.served.joined(separator: ", "))   "
          + "[cli.no-endpoint]")
    }
    let text = """
      format: 1
      suite: endpoint
      topology:
        nodes:
          root: {model: root-complex, memory: 1MiB}
          endpoint: {
            model: \(model),
            \(settings)
          }
        links: {link: {upstream: root, downstream: endpoint}}
      cases:
        none: {steps: [{expect: {counter: link.mwr, equals: 0}}]}
      """
    let result = SuiteLoader.load(path: "endpoint \(model)", bytes: Array(text.utf8))
    for diagnostic in result.diagnostics { Speech.complain(diagnostic.text(in: result.source)) }
    guard let plan = result.plan, let instance = plan.instances.first,
      let found = instance.topology.nodes.first(where: { $0.name == "endpoint" })?.settings
    else { throw Speech.leave(.badData) }
    guard instance.requiresUnbuilt.isEmpty else {
      throw Speech.fail("this version does not have \(instance.requiresUnbuilt.joined(separator: " and "))")
    }
    return found
  }
}
