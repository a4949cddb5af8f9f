/// Buffers in host memory that messages of a Revere-AMU's accelerators refer to.
public struct BufferRequests: Hashable, Sendable {
  /// Of the first message; those of the others follow.
  public var source: UInt64
  public var destination: UInt64
  /// The bytes of each source.
  public var length: UInt32
  /// The bytes that each destination has room for.
  public var capacity: UInt32
  public var options: UInt32

  public init(source: UInt64, destination: UInt64, length: UInt32, capacity: UInt32, options: UInt32 = 0) {
    self.source = source
    self.destination = destination
    self.length = length
    self.capacity = capacity
    self.options = options
  }
}

/// What a destination must hold of its source.
public enum BufferResult: String, CaseIterable, Hashable, Sendable {
  case copy
  case inverted
  case compress
  case decompress
  case hash
}

/// How the work on a message's buffers ends, in the order of the numbers in answers.
public enum BufferStatus: String, CaseIterable, Hashable, Sendable {
  case done
  case sourceFailed = "source-failed"
  case destinationFailed = "destination-failed"
  case dataError = "data-error"
  case tooSmall = "too-small"
}
