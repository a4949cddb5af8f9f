import ArgumentParser
import Nodes
import RunEvents
import Runner
import SuiteLanguage

/// The suites a command is about.
struct SuiteOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("Suite files, or folders of them. The case of letters may differ.", valueName: "path"),
    completion: .file(extensions: ["yaml", "yml"]))
  var paths: [String]

  /// A suite file as read, with whatever its text gave.
  struct Source {
    var path: String
    var text: [UInt8]
    var result: SuiteLoader.Result
  }

  /// Finds and reads all files; every path that leads nowhere is told before the command ends.
  func sources() throws -> [Source] {
    var sources: [Source] = []
    var isWrong = false
    for path in paths {
      do throws(FindError) {
        for found in try SuiteFinder.suites(at: path)
        where !sources.contains(where: { $0.path == found.path }) {
          if let note = found.note { Speech.complain("note: \(note)") }
          sources.append(try Self.read(found.path))
        }
      } catch {
        Speech.complain("error: \(error)")
        isWrong = true
      }
    }
    if isWrong { throw Speech.leave(.usage) }
    return sources
  }

  private static func read(_ path: String) throws(FindError) -> Source {
    let text: [UInt8]
    do throws(SystemError) { text = try FileStore.read(path) } catch { throw .unreadable(error) }
    return Source(path: path, text: text, result: SuiteLoader.load(path: path, bytes: text))
  }

  /// The suites, when all of them can be understood; else every finding of every file is told.
  func suites() throws -> [LoadedSuite] {
    let sources = try sources()
    let findings = Findings(sources)
    findings.tell()
    if findings.hasErrors { throw Speech.leave(.badData) }
    return sources.compactMap { source in
      source.result.plan.map { LoadedSuite(path: source.path, text: source.text, plan: $0) }
    }
  }
}
