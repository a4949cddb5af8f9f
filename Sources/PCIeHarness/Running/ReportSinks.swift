import Nodes
import Reports
import RunEvents
import Runner

/// Feeds every report from the events of a run or of a record, and keeps going when one cannot be written.
final class ReportSinks: RunObserver {
  private let stream: StandardStream
  private var console: ConsoleReport
  private var annotations: AnnotationReport?
  private var junit: JUnitReport?
  private var coverage: CoverageReport?
  private let junitPath: String?
  private var junitWritten = MonotonicInstant.now
  private var recorder = EventRecorder()
  private var records: [RecordFile] = []
  private let options: ReportOptions
  private var captures: CaptureTally
  private var problems: Problems

  /// What could not be written.
  private struct Problems {
    /// A report is lost: the run ends with the code of an internal error.
    var isReportLost = false
    /// The console's reader has gone away; nothing more is written to it.
    var isConsoleGone = false
    var told: Set<String> = []

    mutating func tell(_ error: String) {
      if told.insert(error).inserted { Speech.complain("error: \(error)") }
    }
  }

  /// A file of events that is being written.
  private final class RecordFile {
    var file: OutputFile?
    init(_ file: consuming OutputFile) { self.file = consume file }
  }

  /// Opens what is to be written; a record that cannot be opened is told and makes the run end with 70.
  init(_ options: ReportOptions, folder: String?) {
    self.options = options
    stream = options.consoleStream
    console = ConsoleReport(options: options.consoleOptions(folder: folder))
    annotations = Machine.environment("GITHUB_ACTIONS") == "true" ? AnnotationReport() : nil
    junitPath = options.junit
    coverage = options.coverage ? CoverageReport() : nil
    junit = options.junit.map { _ in JUnitReport(options: options.junitOptions(folder: folder)) }
    captures = CaptureTally(folder: folder)
    problems = Problems()
    for path in [folder.map { "\($0)/events.jsonl" }, options.events].compactMap(\.self) {
      do throws(SystemError) {
        records.append(RecordFile(try OutputFile(path)))
      } catch { lose(error) }
    }
  }

  /// Tells that something of the run could not be kept.
  func lose(_ error: SystemError) {
    problems.isReportLost = true
    problems.tell("\(error)")
  }

  /// Whether a report or record is incomplete.
  var isReportLost: Bool { problems.isReportLost }

  func observe(_ event: Event) {
    show(console.add(event))
    if let lines = annotations?.add(event) { show(lines) }
    junit?.add(event)
    coverage?.add(event)
    record(recorder.add(event))
    switch event.kind {
    case .capture(let file): take(file)
    case .runStarted, .runEnded: writeJUnit()
    case .caseEnded: if MonotonicInstant.now.nanoseconds(since: junitWritten) > 1_000_000_000 { writeJUnit() }
    default: break
    }
  }

  func tick(nanoseconds: UInt64) { show(console.tick(nanoseconds: nanoseconds)) }

  func terminalChanged() {
    if let size = options.terminalSize { show(console.resize(to: size)) }
  }

  /// Ends the files and tells where they are.
  func finish() {
    for record in records {
      guard let file = record.file.take() else { continue }
      do throws(SystemError) { try file.finish() } catch { lose(error) }
    }
    records = []
    if let coverage {
      show(
        Array(
          (["", "fault coverage"] + coverage.lines(width: ReportOptions.tableWidth)).joined(
            separator: "\n"
          ).utf8) + [UInt8(ascii: "\n")])
    }
    if captures.problems > 1 {
      problems.tell("\(captures.problems - 1) more captures could not be written")
    }
    if let text = captures.text { show(console.path("captures", text)) }
    if let junitPath, junit != nil { show(console.path("report", junitPath)) }
  }

  private func take(_ file: CaptureFile) {
    captures.add(file)
    guard let problem = file.problem else { return }
    problems.isReportLost = true
    if captures.problems == 1 { problems.tell(problem) }
  }

  private func show(_ bytes: [UInt8]) {
    if problems.isConsoleGone || bytes.isEmpty { return }
    do throws(SystemError) {
      try stream.write(bytes)
    } catch {
      problems.isConsoleGone = true
      if error.isClosedPipe {
        Speech.complain("note: \(error); the run goes on")
      } else {
        lose(error)
      }
    }
  }

  private func record(_ bytes: [UInt8]) {
    if bytes.isEmpty { return }
    for record in records {
      do throws(SystemError) {
        try record.file?.write(bytes)
      } catch {
        // The rest would not make sense without what is missing.
        record.file = nil
        if error.isClosedPipe { problems.tell("\(error)") } else { lose(error) }
      }
    }
  }

  private func writeJUnit() {
    guard let path = junitPath, let document = junit?.document() else { return }
    junitWritten = .now
    do throws(SystemError) {
      try FileStore.write(document, to: path)
    } catch {
      junit = nil
      lose(error)
    }
  }
}
