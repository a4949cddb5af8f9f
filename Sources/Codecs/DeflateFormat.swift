/// How a deflate stream is wrapped.
public enum DeflateFormat: Hashable, Sendable {
  /// RFC 1950.
  case zlib
  /// RFC 1952.
  case gzip

  /// A window of 32 KiB; zlib takes 16 more as the wish for gzip.
  var windowBits: Int32 { self == .zlib ? 15 : 31 }
}

/// How a piece of work on a stream ended.
public enum CodecStatus: Hashable, Sendable {
  /// More input, or more room for output, is needed.
  case more
  /// The stream is whole.
  case ended
  /// The output is larger than it may be.
  case overLimit
  /// The data is not what the format says, or the library could not work.
  case failed
}
