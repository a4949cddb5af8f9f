import RunEvents
import SuiteLanguage

extension Step {
  /// The verb and the few words that tell the step from its neighbours.
  var label: String {
    let words: String
    switch action {
    case .configurationRead(let read):
      words = read.function.text + CapabilityName.place(read.capability, read.offset)
    case .configurationWrite(let write):
      words = write.function.text + CapabilityName.place(write.capability, write.offset)
    case .memoryRead(let read): words = read.target.text
    case .memoryWrite(let write): words = write.target.text
    case .dmaRead(let read): words = "\(read.requester) 0x\(String(read.address, radix: 16))"
    case .dmaWrite(let write): words = "\(write.requester) 0x\(String(write.address, radix: 16))"
    case .msix(let request): words = "\(request.node) \(request.vector)"
    case .wait(let condition): words = condition.text
    case .expect(let check): words = check.text
    case .link(let change): words = "\(change.link) \(change.state.rawValue)"
    case .reset(.hot(let link)): words = "\(link) hot"
    case .reset(.functionLevel(let node)): words = "\(node) flr"
    case .translate(let change): words = "0x\(String(change.address, radix: 16))"
    case .send(let line): words = "\(line.node) \(line.line)"
    case .start(let node), .stop(let node): words = node
    case .amu(let command): words = "\(command.node) \(command.command)"
    case .amuException(let exception): words = "\(exception.node) \(exception.exception)"
    case .amuTrace(let trace): words = "\(trace.node) trace \(trace.session)"
    case .amuErrorState(let state): words = "\(state.node) \(state.state)"
    case .amsSend(let send): words = "\(send.node) sw\(send.ami) ams \(send.ams)"
    case .amsReceive(let receive): words = "\(receive.node) sw\(receive.ami) ams \(receive.ams)"
    case .repeat(let times, _): words = "\(times) times"
    case .parallel(let branches): words = "\(branches.count) branches"
    case .note: words = ""
    }
    return words.isEmpty ? verb.rawValue : "\(verb.rawValue) \(words)"
  }
}

extension CapabilityName {
  /// The place of a register behind the name of its function.
  static func place(_ capability: CapabilityName?, _ offset: Int) -> String {
    (capability.map { " \($0.rawValue)" } ?? "") + "+0x" + String(offset, radix: 16)
  }
}

extension MemoryTarget {
  /// The target, for messages.
  var text: String {
    switch self {
    case .address(let address): "0x\(String(address, radix: 16))"
    case .region(let function, let region, let offset):
      "\(function.text).\(region.name)+0x\(String(offset, radix: 16))"
    }
  }
}

extension Check {
  /// What is checked, for messages.
  var text: String {
    switch self {
    case .console(let node, _, _): "console \(node)"
    case .counter(let counter, _): counter.text
    case .advancedErrorReporting(let target, _): "aer \(target.text)"
    }
  }
}
