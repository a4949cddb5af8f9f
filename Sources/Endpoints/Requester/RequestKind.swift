/// What a non-posted transfer asks for; decides how it is split and which completions fit.
enum RequestKind: Sendable {
  case memoryRead
  /// Asks for the translation of an address.
  case translation
  case configurationRead
  case configurationWrite
  case ioRead
  case ioWrite

  var isConfiguration: Bool { self == .configurationRead || self == .configurationWrite }
  var isRead: Bool { self != .configurationWrite && self != .ioWrite }
}
