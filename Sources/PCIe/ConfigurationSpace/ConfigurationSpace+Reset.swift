/// The resets that a function can see.
///
/// - Source: PCI Express Base 5.0, 6.6.1 "Conventional Reset" and 6.6.2 "Function Level Reset".
public enum ResetKind: Hashable, Sendable {
  /// Everything goes back to its first value.
  case powerOn
  /// Hot reset, or link down: sticky bits stay.
  case conventional
  /// Sticky bits stay, and what describes the link and its partner.
  case functionLevel
}

extension ConfigurationSpace {
  /// Puts the registers back as a reset does; nothing allocates.
  public mutating func reset(_ kind: ResetKind) {
    for index in values.indices {
      let masks = layout.registers[index]
      let kept: UInt32 =
        switch kind {
        case .powerOn: 0
        case .conventional: masks.sticky
        case .functionLevel: masks.sticky | masks.keptByFunctionReset
        }
      values[index] = values[index] & kept | masks.initial & ~kept
    }
  }
}
