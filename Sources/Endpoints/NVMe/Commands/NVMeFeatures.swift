/// What Set Features has set.
///
/// - Source: NVM Express Base 1.4, 5.21.1 "Feature Specific Information".
struct NVMeFeatures: Hashable, Sendable {
  enum Identifier: UInt8, Sendable {
    case arbitration = 0x01
    case powerManagement = 0x02
    case temperatureThreshold = 0x04
    case errorRecovery = 0x05
    case volatileWriteCache = 0x06
    case numberOfQueues = 0x07
    case interruptCoalescing = 0x08
    case interruptVectorConfiguration = 0x09
    case writeAtomicity = 0x0a
    case eventConfiguration = 0x0b
  }

  /// Arbitration Burst 7 has no limit; this one is that of the buffer.
  static let burstMax = 64
  /// WCTEMP, which also is the threshold at first.
  static let warningKelvin: UInt16 = 343

  private let queues: Int
  /// By feature.
  private var values = [UInt32](repeating: 0, count: 12)
  private var underThreshold: UInt32 = 0
  /// By vector: whether it is not to be coalesced.
  private var isImmediate: [Bool]

  init(vectors: Int, queues: Int) {
    self.queues = queues
    isImmediate = [Bool](repeating: false, count: vectors)
    reset()
  }

  /// Brings the defaults back.
  mutating func reset() {
    for index in values.indices { values[index] = 0 }
    for index in isImmediate.indices { isImmediate[index] = false }
    underThreshold = 0
    self[.arbitration] = 3
    self[.temperatureThreshold] = UInt32(Self.warningKelvin)
    self[.volatileWriteCache] = 1
    self[.numberOfQueues] = UInt32(queues - 1) << 16 | UInt32(queues - 1)
  }

  subscript(_ identifier: Identifier) -> UInt32 {
    get { values[Int(identifier.rawValue)] }
    set { values[Int(identifier.rawValue)] = newValue }
  }

  /// The commands of one queue that are fetched in a turn.
  var burst: Int { min(Self.burstMax, 1 << Int(self[.arbitration] & 7)) }
  var cachesWrites: Bool { self[.volatileWriteCache] & 1 == 1 }

  /// Whether a temperature has come up to the over threshold, or down to the under threshold.
  ///
  /// - Source: NVM Express Base 1.4, 5.21.1.4 "Temperature Threshold".
  func isReached(by kelvin: UInt16) -> Bool {
    UInt32(kelvin) >= self[.temperatureThreshold] || UInt32(kelvin) <= underThreshold
  }

  /// What a feature is, as dword 0 of the completion says it; nil when a field of the command is wrong.
  func value(_ identifier: Identifier, _ dword11: UInt32) -> UInt32? {
    switch identifier {
    case .temperatureThreshold:
      guard dword11 >> 16 & 15 == 0, dword11 >> 20 & 3 < 2 else { return nil }
      return dword11 >> 20 & 3 == 0 ? self[identifier] : underThreshold
    case .interruptVectorConfiguration:
      let vector = Int(dword11 & 0xffff)
      guard vector < isImmediate.count else { return nil }
      return UInt32(vector) | (isImmediate[vector] ? 1 << 16 : 0)
    default: return self[identifier]
    }
  }

  /// Sets a feature; gives dword 0 of the completion, or nil when a field of the command is wrong.
  mutating func set(_ identifier: Identifier, _ dword11: UInt32) -> UInt32? {
    switch identifier {
    case .temperatureThreshold:
      let (sensor, kind) = (dword11 >> 16 & 15, dword11 >> 20 & 3)
      // Of sensors there is the composite one, and the word for all.
      guard sensor == 0 || sensor == 15, kind < 2 else { return nil }
      if kind == 0 { self[identifier] = dword11 & 0xffff } else { underThreshold = dword11 & 0xffff }
    case .interruptVectorConfiguration:
      let vector = Int(dword11 & 0xffff)
      guard vector < isImmediate.count else { return nil }
      isImmediate[vector] = dword11 >> 16 & 1 == 1
    case .numberOfQueues:
      let (submissions, completions) = (dword11 & 0xffff, dword11 >> 16)
      guard submissions < 0xffff, completions < 0xffff else { return nil }
      let most = UInt32(queues - 1)
      self[identifier] = min(completions, most) << 16 | min(submissions, most)
      return self[identifier]
    // One power state.
    case .powerManagement: if dword11 & 31 != 0 { return nil }
    case .volatileWriteCache: self[identifier] = dword11 & 1
    default: self[identifier] = dword11
    }
    return 0
  }
}
