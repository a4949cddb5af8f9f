import RevereInterface

/// A management command with the response that is being made, both by the names of the interface.
struct CommandExchange {
  let command: InterfaceCommand
  let request: [UInt8]
  private(set) var response = [UInt8](repeating: 0, count: RevereInterface.messageBytes)
  /// The response follows later.
  var isDeferred = false

  /// A command with a successful response; nil when the opcode is unknown.
  init?(_ request: [UInt8]) {
    let opcode = UInt16(truncatingIfNeeded: InterfaceField.opcode.value(in: request))
    guard let command = RevereInterface.command(opcode: opcode) else { return nil }
    self.command = command
    self.request = request
    InterfaceField.opcode.set(UInt64(opcode), in: &response)
  }

  /// A field of the command, by its name in the interface.
  subscript(_ name: String) -> Int { Int(truncatingIfNeeded: word(name)) }

  /// A field of up to 64 bits.
  func word(_ name: String) -> UInt64 {
    guard let field = command.requestField(name) else {
      preconditionFailure("\(command.name) has no field \(name)")
    }
    return field.value(in: request)
  }

  func flag(_ name: String) -> Bool { self[name] != 0 }

  /// Sets a field of the response.
  mutating func set(_ name: String, _ value: Int) { set(name, word: UInt64(truncatingIfNeeded: value)) }
  mutating func set(_ name: String, _ value: Bool) { set(name, word: value ? 1 : 0) }

  mutating func set(_ name: String, word: UInt64) {
    guard let field = command.responseField(name) else {
      preconditionFailure("the response of \(command.name) has no field \(name)")
    }
    field.set(word, in: &response)
  }

  /// Ends the command with a status of the interface.
  mutating func refuse(_ status: String) {
    guard let code = command.statuses.firstIndex(of: status) else {
      preconditionFailure("\(command.name) has no status \(status)")
    }
    InterfaceField.status.set(UInt64(code), in: &response)
  }
}
