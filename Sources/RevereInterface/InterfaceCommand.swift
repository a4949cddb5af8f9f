/// A management command and its response.
public struct InterfaceCommand: Hashable, Sendable {
  public let name: String
  public let opcode: UInt16
  /// Without the opcode.
  public let request: [InterfaceField]
  /// Without opcode and status.
  public let response: [InterfaceField]
  /// The names of the status codes; the place is the code, 0 is success.
  public let statuses: [String]

  init(
    _ name: String, _ opcode: UInt16, request: [InterfaceField], response: [InterfaceField],
    statuses: [String]
  ) {
    self.name = name
    self.opcode = opcode
    self.request = request
    self.response = response
    self.statuses = statuses
  }

  /// Whether only the physical function may send it.
  public var isPhysical: Bool { name.hasPrefix("PF_") }

  /// The field of the request with a name in the table's spelling.
  public func requestField(_ name: String) -> InterfaceField? { request.first { $0.name == name } }

  /// The field of the response with a name in the table's spelling, the status included.
  public func responseField(_ name: String) -> InterfaceField? {
    name == "STATUS" ? .status : response.first { $0.name == name }
  }
}
