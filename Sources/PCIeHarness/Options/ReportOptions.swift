import ArgumentParser
import Reports
import RunEvents
import Runner

/// The reports of `run` and `replay`.
struct ReportOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Write a JUnit report here.", valueName: "file"),
    completion: .file(extensions: ["xml"]))
  var junit: String?

  @Flag(help: "Tell failed tries in the JUnit report too (surefire elements; not for Twister).")
  var junitFlaky = false

  @Flag(help: "Name captures in the JUnit report (for Jenkins and GitLab; not for Twister).")
  var junitAttachments = false

  @Flag(help: "Give each test that a program told of on its console an entry of its own in the JUnit report.")
  var junitTests = false

  @Option(
    help: ArgumentHelp(
      "The folder that names of attachments begin with, above that of the run; without it they are relative "
        + "to where run was started.", valueName: "folder"))
  var attachmentBase: String?

  @Option(
    help: ArgumentHelp(
      "Write the events as JSON Lines; - is the standard output, and the console moves to standard error.",
      valueName: "file"))
  var events: String?

  @Option(help: ArgumentHelp("Colour on the console.", valueName: "auto|always|never"))
  var color: ColorChoice = .auto

  @Flag(help: "Tell at the end which faults struck which TLPs, and with what outcome.")
  var coverage = false

  /// The stream of the console: the events have the standard output to themselves.
  var consoleStream: StandardStream { events == "-" ? .error : .output }

  /// How the JUnit report of a run looks.
  func junitOptions(folder: String?) -> JUnitOptions {
    JUnitOptions(
      timestamp: Timestamp.now.description, hostname: Machine.hostName, architecture: Machine.architecture,
      tellsTries: junitFlaky, namesAttachments: junitAttachments, tellsTests: junitTests,
      attachmentBase: attachments(folder), outputDirectory: folder)
  }

  /// The folder before the names of attachments: that of the run, below the given one.
  private func attachments(_ folder: String?) -> String? {
    guard let folder, let attachmentBase, !folder.hasPrefix("/") else { return folder ?? attachmentBase }
    return "\(attachmentBase)/\(folder)"
  }

  /// How the console looks.
  func consoleOptions(folder: String?) -> ConsoleOptions {
    let stream = consoleStream
    let hasColor = color.hasColor(isTerminal: stream.isTerminal, environment: Machine.environment)
    return ConsoleOptions(terminal: terminalSize, hasColor: hasColor, outputDirectory: folder)
  }

  /// The columns that tables may take: those of the terminal, else of COLUMNS, else 100.
  static var tableWidth: Int {
    if StandardStream.output.isTerminal, let size = StandardStream.output.terminalSize { return size.columns }
    return Machine.environment("COLUMNS").flatMap { Int($0) }.map { max(40, min($0, 1000)) } ?? 100
  }

  /// The size of the console's terminal; nil when it is none that can be redrawn.
  var terminalSize: TerminalSize? {
    guard consoleStream.isTerminal, Machine.environment("TERM") != "dumb" else { return nil }
    let size = consoleStream.terminalSize
    return TerminalSize(columns: size?.columns ?? 0, rows: size?.rows ?? 0)
  }
}
