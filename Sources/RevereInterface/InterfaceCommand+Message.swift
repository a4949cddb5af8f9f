extension InterfaceCommand {
  /// The command as it stands in a slot; fields that are not named are zero.
  ///
  /// - Parameter fields: values by names in the table's spelling; a name that the command lacks is left out.
  public func message(_ fields: [String: UInt64]) -> [UInt8] {
    var message = [UInt8](repeating: 0, count: RevereInterface.messageBytes)
    InterfaceField.opcode.set(UInt64(opcode), in: &message)
    for (name, value) in fields { requestField(name)?.set(value, in: &message) }
    return message
  }

  /// The name of the status of a response; nil for a code that the command does not have.
  public func status(of response: [UInt8]) -> String? {
    let code = Int(InterfaceField.status.value(in: response))
    return statuses.indices.contains(code) ? statuses[code] : nil
  }
}
