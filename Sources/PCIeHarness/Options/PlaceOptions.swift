import ArgumentParser
import Nodes
import RunEvents
import Runner
import SuiteLanguage

/// Where tools and images are.
struct PlaceOptions: ParsableArguments {
  @Option(
    name: .customLong("tool"), help: ArgumentHelp("The program to use for a tool.", valueName: "name=path"))
  var tools: [NamedPath] = []

  @Option(
    name: .customLong("image"), help: ArgumentHelp("The file to use for an image.", valueName: "name=path"))
  var images: [NamedPath] = []

  func validate() throws {
    for tool in tools where FileStore.kind(tool.path) == nil {
      throw ValidationError("no program at \(tool.path) for --tool \(tool.name)")
    }
    for image in images where FileStore.kind(image.path) == nil {
      throw ValidationError("nothing at \(image.path) for --image \(image.name)")
    }
  }

  /// The tools by name; this program is the tool of its own name, which serves models to suites.
  private var given: [String: String] {
    let own = FileStore.realPath("/proc/self/exe").map { [("pcie-harness", $0)] } ?? []
    return Dictionary(own + tools.map { ($0.name, $0.path) }) { _, last in last }
  }

  /// Whoever finds out which tools this machine has.
  var toolCheck: ToolCheck { ToolCheck(given: given) }

  /// The places of everything that outside nodes need, with what is wrong with their boards.
  func places(for plans: [Plan]) -> (places: NodePlaces, findings: Findings) {
    var finder = BoardFinder()
    for plan in plans { finder.find(for: plan) }
    var places = NodePlaces(
      tools: given, images: Dictionary(images.map { ($0.name, $0.path) }) { _, last in last })
    places.boards = finder.boards
    return (places, Findings(finder.problems))
  }

  /// The places of everything that outside nodes need; what is wrong with a board ends the command.
  func places(for suites: [LoadedSuite]) throws -> NodePlaces {
    let (places, findings) = places(for: suites.map(\.plan))
    findings.tell()
    if findings.hasErrors { throw Speech.leave(.badData) }
    return places
  }
}
