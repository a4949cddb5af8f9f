/// What a non-posted transfer asks for; decides how it is split and which completions fit.
enum RequestKind: Sendable {
  case memoryRead
  case configurationRead
  case configurationWrite
  case ioRead
  case ioWrite

  var isConfiguration: Bool { self == .configurationRead || self == .configurationWrite }
  var isRead: Bool { self == .memoryRead || self == .configurationRead || self == .ioRead }
}
