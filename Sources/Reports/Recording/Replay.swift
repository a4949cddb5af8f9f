public import RunEvents

/// Reads a recorded stream and hands its events to any report.
///
/// Kinds that are not known are passed over; a bad line is a problem that is told, and the lines behind it
/// still count.
public struct Replay: Sendable {
  /// The most problems that are kept; more are only counted.
  public static let problemsMax = 20

  private var reader = EventReader()
  /// What was wrong with the stream, the first ones.
  public private(set) var problems: [EventStreamError] = []
  /// The number of bad lines.
  public private(set) var problemCount = 0
  /// The totals as the stream's cases tell them.
  public private(set) var totals = RunTotals()
  /// The stream's last event; nil when it has none, as that of a killed run.
  public private(set) var end: RunEnded?

  /// Makes a replay at the start of a stream.
  public init() {}

  /// Takes more bytes of the stream and hands on the events in them.
  public mutating func add(_ bytes: some Collection<UInt8>, to report: (Event) -> Void) {
    reader.append(bytes)
    while true {
      do throws(EventStreamError) {
        guard let event = try reader.next() else { return }
        take(event, report)
      } catch {
        note(error)
      }
    }
  }

  /// Says that the stream is over.
  ///
  /// A stream without an end gets one that counts what it tells, so that every report is complete.
  public mutating func finish(to report: (Event) -> Void) {
    do throws(EventStreamError) {
      if let event = try reader.finish() { take(event, report) }
    } catch {
      note(error)
    }
    if end == nil { report(Event(.runEnded(RunEnded(totals: totals)))) }
  }

  private mutating func take(_ event: Event, _ report: (Event) -> Void) {
    totals.count(event)
    if case .runEnded(let content) = event.kind { end = content }
    report(event)
  }

  private mutating func note(_ error: EventStreamError) {
    problemCount += 1
    if problems.count < Self.problemsMax { problems.append(error) }
  }
}
