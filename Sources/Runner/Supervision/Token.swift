/// What an epoll event is about, packed into the 64 bits it carries.
enum Token: Hashable {
  case signals
  case alarm
  case worker(slot: Int, generation: UInt64, channel: WorkerLink.Channel)

  /// - Layout: bits 0 to 3 the kind, 4 to 23 the slot, 24 to 63 the generation.
  var bits: UInt64 {
    switch self {
    case .signals: 14
    case .alarm: 15
    case .worker(let slot, let generation, let channel):
      channel.rawValue | UInt64(slot) << 4 | generation << 24
    }
  }

  init(bits: UInt64) {
    switch bits & 15 {
    case 14: self = .signals
    case 15: self = .alarm
    case let kind:
      guard let channel = WorkerLink.Channel(rawValue: kind) else { preconditionFailure("no token \(bits)") }
      self = .worker(slot: Int(bits >> 4 & 0xfffff), generation: bits >> 24, channel: channel)
    }
  }
}
