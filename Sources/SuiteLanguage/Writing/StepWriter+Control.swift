import PCIe

// Steps that move no data.
extension StepWriter {
  static func addControl(_ step: Step, _ fields: inout YAMLFlow) {
    switch step.action {
    case .wait(let condition):
      add(condition, &fields)
      fields.add("timeout", step.timeout?.suiteText)
    case .send(let line):
      fields.add("to", line.node)
      fields.add("line", line.line)
    case .expect(let check): add(check, &fields)
    case .link(let change):
      fields.add("link", change.link)
      fields.add("state", change.state.rawValue)
      fields.add("speed", change.speed?.suiteText)
      fields.add("width", count: change.width)
    case .reset(.hot(let link)):
      fields.add("link", link)
      fields.add("kind", "hot")
    case .reset(.functionLevel(let node)):
      fields.add("node", node)
      fields.add("kind", "flr")
    case .translate(let change):
      fields.add("at", change.node)
      fields.add("address", hex: change.address)
      fields.add("length", SizeUnit.spell(change.length))
      fields.add("to", hex: change.target)
      fields.add("access", change.access.rawValue)
      fields.add("invalidate", change.invalidated?.text)
      fields.add("timeout", step.timeout?.suiteText)
    case .start(let node), .stop(let node): fields.add("node", node)
    case .note(let text): fields.add("text", text)
    default: addAMU(step, &fields)
    }
  }

  private static func add(_ condition: WaitCondition, _ fields: inout YAMLFlow) {
    switch condition {
    case .console(let node, let pattern):
      fields.add("console", node)
      fields.add("matches", pattern)
    case .interrupt(let signal, let target, let source):
      switch signal {
      case .msix(let vector): fields.add("msix", count: vector)
      case .msi(let vector): fields.add("msi", count: vector)
      case .intx(let pin): fields.add("intx", pin.rawValue)
      }
      fields.add("at", target)
      fields.add("from", source?.text)
    case .link(let link, let state):
      fields.add("link", link)
      fields.add("state", state.rawValue)
    case .tests(let node, let form):
      fields.add("tests", node)
      fields.add("form", form.rawValue)
    case .exit(let node, let expectation):
      fields.add("exit", node)
      switch expectation {
      case .status(let status): fields.add("status", count: status)
      case .signal(let signal): fields.add("signal", signal.rawValue)
      case nil: break
      }
    }
  }

  private static func add(_ check: Check, _ fields: inout YAMLFlow) {
    switch check {
    case .console(let node, let pattern, let isPresent):
      fields.add("console", node)
      fields.add(isPresent ? "matches" : "lacks", pattern)
    case .counter(let counter, let bound):
      switch counter {
      case .link(let link, let name): fields.add("counter", "\(link).\(name.rawValue)")
      case .node(let node, let name): fields.add("counter", "\(node).\(name.rawValue)")
      }
      switch bound {
      case .equals(let value): fields.add("equals", count: value)
      case .atLeast(let value): fields.add("at_least", count: value)
      case .atMost(let value): fields.add("at_most", count: value)
      }
    case .advancedErrorReporting(let function, let expectation):
      fields.add("aer", function.text)
      fields.add(expectation.isPresent ? "has" : "lacks", expectation.bit.rawValue)
      fields.add("source", expectation.source?.text)
    }
  }

  private static func addAMU(_ step: Step, _ fields: inout YAMLFlow) {
    switch step.action {
    case .amu(let command):
      fields.add("node", command.node)
      addFunction(command.function, &fields)
      fields.add("command", command.command)
      add(command.arguments, "args", &fields)
      add(command.expectation, "expect", &fields)
      fields.add("rests_in", command.errorState)
    case .amuException(let exception):
      fields.add("node", exception.node)
      addFunction(exception.function, &fields)
      fields.add("exception", exception.exception)
      add(exception.expectation, "expect", &fields)
    case .amuTrace(let trace):
      fields.add("node", trace.node)
      addFunction(trace.function, &fields)
      fields.add("trace", count: trace.session)
      add(trace.expectation, "expect", &fields)
    case .amuErrorState(let state):
      fields.add("node", state.node)
      addFunction(state.function, &fields)
      fields.add("error_state", state.state)
    case .amsSend(let send):
      fields.add("node", send.node)
      addFunction(send.function, &fields)
      fields.add("ami", "sw\(send.ami)")
      fields.add("ams", count: send.ams)
      fields.add("messages", count: send.messages)
      fields.add("data", yaml: send.data.map(text))
      fields.add("buffers", yaml: send.buffers.map(text))
      fields.add("save", send.save)
      fields.add("expect", yaml: send.accepted.map { "{accepted: \($0)}" })
    case .amsReceive(let receive):
      fields.add("node", receive.node)
      addFunction(receive.function, &fields)
      fields.add("ami", "sw\(receive.ami)")
      fields.add("ams", count: receive.ams)
      fields.add("messages", count: receive.messages)
      var expectation = YAMLFlow()
      expectation.add("data", yaml: receive.data.map(text))
      expectation.add("result", receive.result?.rawValue)
      expectation.add("status", receive.status?.rawValue)
      if !expectation.isEmpty { fields.add("expect", yaml: expectation.text) }
    default: preconditionFailure("every other step is written elsewhere")
    }
  }

  private static func text(_ buffers: BufferRequests) -> String {
    var fields = YAMLFlow()
    fields.add("source", hex: buffers.source)
    fields.add("destination", hex: buffers.destination)
    fields.add("length", SizeUnit.spell(UInt64(buffers.length)))
    fields.add("capacity", SizeUnit.spell(UInt64(buffers.capacity)))
    if buffers.options != 0 { fields.add("options", hex: buffers.options) }
    return fields.text
  }

  private static func addFunction(_ function: Int, _ fields: inout YAMLFlow) {
    if function > 0 { fields.add("function", count: function) }
  }

  private static func add(_ values: [Step.ManagementField], _ key: String, _ fields: inout YAMLFlow) {
    if values.isEmpty { return }
    var own = YAMLFlow()
    for value in values {
      if value.value < 10 {
        own.add(value.name, count: value.value)
      } else {
        own.add(value.name, hex: value.value)
      }
    }
    fields.add(key, yaml: own.text)
  }
}
