/// What never changes in a configuration space once it is built; shared by all copies of the space.
///
/// One reference instead of five keeps the copy cheap that reading a space inside a class costs.
@usableFromInline
final class ConfigurationLayout: Sendable {
  @usableFromInline let header: HeaderLayout
  @usableFromInline let places: CapabilityPlaces
  let registers: [RegisterMasks]
  let rules: [FieldRule]
  let dependents: [DependentRegister]

  init(
    header: HeaderLayout, registers: [RegisterMasks], rules: [FieldRule], dependents: [DependentRegister],
    offsets: [CapabilityID: Int],
    extendedOffsets: [ExtendedCapabilityID: Int]
  ) {
    precondition(registers.count == ConfigurationSpace.byteCount / 4, "a space has 1024 DWs")
    self.header = header
    self.registers = registers
    self.rules = rules
    self.dependents = dependents
    places = CapabilityPlaces(offsets: offsets, extended: extendedOffsets)
  }
}
