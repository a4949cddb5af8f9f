import LinkBroker
import PCIe

/// What a function found wrong.
enum FunctionError: Hashable, Sendable {
  /// The address lies in none of the enabled BARs.
  case notClaimed
  case asleep(PowerState)
  /// Software did not wait for the way back to D0.
  case waking
  case spaceDisabled(isIO: Bool)
  case noBar(isIO: Bool)
  case type1
  case noFunction(UInt8)
  case locked
  case atomics(bar: Int)
  case message(UInt8)
  /// The model that serves the BAR refuses.
  case model(BarResponse)
  case poisoned
  case digest
  case payload(bytes: Int, limit: Int)
  case interruptMessage(UInt8)
  case foreignCompletion(FunctionAddress, own: FunctionAddress)
  case unexpectedCompletion(UnexpectedCompletion)
  case retriedMemoryRequest(tag: UInt16)
  case timeout(tag: UInt16)
}

extension Function {
  /// The text of an error, for a person; made only when there is one.
  func text(_ error: FunctionError, _ header: TLPHeader?) -> String {
    let subject = header.map(describe) ?? "request"
    switch error {
    case .notClaimed: return "\(subject) lies in no BAR; there are \(ranges(of: header))"
    case .asleep(let state): return "\(subject) came in power state \(state), which serves configuration only"
    case .waking: return "\(subject) came before the function was back in D0; wait 10 ms after the write"
    case .spaceDisabled(let isIO):
      return "\(subject) came with \(isIO ? "I/O" : "memory") space disabled in the Command register"
    case .noBar(let isIO):
      return "\(subject) is for nobody; the function has no \(isIO ? "I/O" : "memory") BAR"
    case .type1: return "\(subject) is of type 1; an endpoint takes type 0 only"
    case .noFunction(let number):
      return "\(subject) is for function \(number); this device has function 0 only"
    case .locked: return "\(subject): a PCI Express endpoint takes no locked read"
    case .atomics(let bar): return "\(subject) is in bar\(bar), where AtomicOps are not supported"
    case .message(let code): return "message code \(hex(UInt64(code))) is unknown to an endpoint"
    case .model(.completerAbort): return "\(subject) is one that the model aborts"
    case .model: return "\(subject) is one that the model does not know"
    case .poisoned: return "\(subject) carries poisoned data; nothing was changed"
    case .digest: return "the digest of \(subject) does not belong to it"
    case .payload(let bytes, let limit):
      return "\(subject) has a payload of \(bytes) bytes; Max_Payload_Size of the function is \(limit)"
    case .interruptMessage(let code):
      return "interrupt message \(hex(UInt64(code))) came down the link; only upstream ports send these"
    case .foreignCompletion(let requester, let own):
      return "completion is for requester \(requester); this function is \(own)"
    case .unexpectedCompletion(let reason): return "\(reason)"
    case .retriedMemoryRequest(let tag):
      return "completion for tag \(tag) says request retry, which is for configuration requests only"
    case .timeout(let tag): return "no completion for tag \(tag) within the completion timeout"
    }
  }

  private func describe(_ header: TLPHeader) -> String {
    guard let kind = header.kind else { return "TLP" }
    if kind.isMemoryRequest || kind == .ioRead || kind == .ioWrite {
      let bytes = kind == .memoryRead ? header.requestedBytes : header.lengthDW * 4
      return "\(kind.mnemonic) of \(bytes) bytes at \(hex(header.address))"
    }
    guard kind.isConfigurationRequest else { return kind.mnemonic }
    return "\(kind.mnemonic) of register \(hex(UInt64(header.registerOffset)))"
  }

  private func ranges(of header: TLPHeader?) -> String {
    let isIO = header?.kind == .ioRead || header?.kind == .ioWrite
    let ranges = space.header.bars.filter { $0.isIO == isIO }.map { bar in
      let base = space.address(of: bar)
      return "bar\(bar.index) \(hex(base)) to \(hex(base &+ (bar.bytes - 1)))"
    }
    return ranges.joined(separator: ", ")
  }

  private func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
}
