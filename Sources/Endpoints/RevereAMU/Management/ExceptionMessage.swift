import RevereInterface

/// A message for the exception socket, made by the names of the interface.
struct ExceptionMessage {
  private let exception: InterfaceException
  var bytes = [UInt8](repeating: 0, count: RevereInterface.messageBytes)

  init(_ name: String) {
    guard let exception = RevereInterface.exception(name) else {
      preconditionFailure("the interface has no exception \(name)")
    }
    self.exception = exception
    InterfaceField.opcode.set(UInt64(exception.opcode), in: &bytes)
  }

  /// Sets a field, by its name in the interface.
  mutating func set(_ name: String, _ value: Int) {
    guard let field = exception.field(name) else {
      preconditionFailure("\(exception.name) has no field \(name)")
    }
    field.set(UInt64(value), in: &bytes)
  }
}
