/// What is wrong with a record of an event.
public enum EventError: Error, Hashable, Sendable {
  /// The line is no JSON.
  case json(JSONError)
  /// The line is JSON, but not an object.
  case notAnObject(seen: String)
  /// The record is of a version this reader does not know.
  case version(seen: UInt64)
  /// A field that every reader needs is absent.
  case missing(field: String, of: String)
  /// A field holds something else than it should.
  case wrongValue(field: String, of: String, expected: String)
  /// A line longer than any event.
  case lineTooLong(limit: Int)
  /// The stream ends within a line.
  case truncated(bytes: Int)
}

/// An error of a stream together with its line.
public struct EventStreamError: Error, Hashable, Sendable {
  /// The line, from one.
  public var line: Int
  /// What is wrong with it.
  public var error: EventError

  /// Makes an error.
  public init(line: Int, error: EventError) {
    self.line = line
    self.error = error
  }
}
