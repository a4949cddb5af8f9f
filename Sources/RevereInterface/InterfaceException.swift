/// A message of the exception socket.
public struct InterfaceException: Hashable, Sendable {
  public let name: String
  public let opcode: UInt16
  /// Without the opcode.
  public let fields: [InterfaceField]

  init(_ name: String, _ opcode: UInt16, fields: [InterfaceField]) {
    self.name = name
    self.opcode = opcode
    self.fields = fields
  }

  /// The field of a name in the table's spelling.
  public func field(_ name: String) -> InterfaceField? { fields.first { $0.name == name } }
}
