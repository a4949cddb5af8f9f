import RevereInterface
import SuiteLanguage

// Messages of the management sockets.
extension AMUWork {
  func check(_ message: [UInt8]) throws(StepFailure) {
    switch goal {
    case .command(let command, let request):
      guard let known = RevereInterface.command(command.command) else { return }
      let opcode = UInt16(truncatingIfNeeded: InterfaceField.opcode.value(in: message))
      guard opcode == known.opcode else {
        throw .expectation("\(node) answered opcode \(known.opcode) with opcode \(opcode)")
      }
      let status = InterfaceField.status.value(in: message)
      let due = command.expectation.first { $0.name == "status" }?.value ?? 0
      guard status == due else {
        throw .expectation(
          "\(known.name) ended with status \(name(of: status, known)), expected \(name(of: due, known))",
          subject: "status of \(known.name)")
      }
      if status == 0 { software.learn(known, request, message, by: command.function) }
      let fields = known.response
      for field in command.expectation where field.name != "status" {
        try check(field, fields, message, known.name)
      }
    case .exception(let exception):
      let opcode = UInt16(truncatingIfNeeded: InterfaceField.opcode.value(in: message))
      let seen = RevereInterface.exceptions.first { $0.opcode == opcode }
      guard let seen, seen.name == exception.exception else {
        throw .expectation(
          "\(node) told \(seen?.name ?? "exception \(opcode)"), expected \(exception.exception)",
          subject: "exception")
      }
      for field in exception.expectation { try check(field, seen.fields, message, seen.name) }
    case .trace(let trace):
      let session = InterfaceField.traceSession.value(in: message)
      guard session == trace.session else {
        throw .expectation(
          "\(node) told of session \(session), expected \(trace.session)", subject: "trace record")
      }
      for field in trace.expectation { try check(field, RevereInterface.traceFields, message, "the record") }
    case .send, .receive, .errorState: break
    }
  }

  /// Holds AMU_SR of a function that rests against what is due.
  func check(errorState code: UInt64, _ due: String) throws(StepFailure) {
    let state = UInt16(exactly: code & 0xffff).flatMap { InterfaceErrorState(rawValue: $0) }
    guard state?.word == due else {
      throw .expectation(
        "\(node) is in error state \(text(code))\(state.map { " (\($0.word))" } ?? ""), expected \(due)",
        subject: "error state")
    }
  }

  private func check(
    _ due: Step.ManagementField, _ fields: [InterfaceField], _ message: [UInt8], _ owner: String
  ) throws(StepFailure) {
    guard let field = fields.first(where: { $0.name.lowercased() == due.name }) else { return }
    let seen = field.value(in: message)
    guard seen == due.value else {
      throw .expectation(
        "\(due.name) of \(owner) is \(text(seen)), expected \(text(due.value))",
        subject: "\(due.name) of \(owner)")
    }
  }

  private func name(of status: UInt64, _ command: InterfaceCommand) -> String {
    let names = command.statuses
    return status < UInt64(names.count) ? "\(status) (\(names[Int(status)]))" : "\(status)"
  }

  private func text(_ value: UInt64) -> String { value < 10 ? "\(value)" : "0x" + String(value, radix: 16) }
}
