import Codecs
import Endpoints
import PCIe
import SuiteLanguage

/// Holds the answer of an accelerator and the buffers that it is about against what the suite expects.
///
/// The result is what the library makes of the source on this CPU.
/// - Layout: that of the accelerators' messages: 8 source, 16 destination, 24 length, 32 options; in the
///   answer 36 result length and 40 status.
struct BufferCheck {
  let status: BufferStatus
  let result: BufferResult?

  /// Nil when the step does not look at buffers.
  init?(_ step: Step.MessageReceive) {
    guard step.result != nil || step.status != nil else { return nil }
    status = step.status ?? .done
    result = step.result
  }

  /// What is wrong with an answer; nil when nothing is.
  func failure(_ answer: [UInt8], in memory: HostMemory) -> StepFailure? {
    let code = Int(answer.loadLE(at: 40, as: UInt32.self))
    let names = BufferStatus.allCases.map(\.rawValue)
    guard code == names.firstIndex(of: status.rawValue) else {
      let seen = names.indices.contains(code) ? names[code] : "\(code)"
      return .expectation(
        "the answer says \(seen), expected \(status.rawValue)", subject: "status of an answer")
    }
    guard let result else { return nil }
    guard
      let source = Self.bytes(answer.loadLE(at: 8), Int(answer.loadLE(at: 24, as: UInt32.self)), memory),
      let due = Self.bytes(result, of: source, options: answer.loadLE(at: 32))
    else { return .expectation("the library makes nothing of the source") }
    let count = Int(answer.loadLE(at: 36, as: UInt32.self))
    guard count == due.count, let seen = Self.bytes(answer.loadLE(at: 16), count, memory) else {
      return .expectation(
        "the result has \(count) bytes, expected \(due.count)", subject: "length of a result")
    }
    return DataComparison.failure(expected: due, seen: seen, mask: nil)
  }

  private static func bytes(_ address: UInt64, _ count: Int, _ memory: HostMemory) -> [UInt8]? {
    guard memory.contains(address, count: count) else { return nil }
    return Array(memory.bytes[Int(address)..<Int(address) + count])
  }

  private static func bytes(_ result: BufferResult, of source: [UInt8], options: UInt32) -> [UInt8]? {
    let format = options & 1 == 0 ? DeflateFormat.zlib : .gzip
    let level = Int(options >> 4 & 15)
    return switch result {
    case .copy: source
    case .inverted: source.map { ~$0 }
    case .compress: DeflateStream.whole(source, .compress(level: level == 0 ? nil : min(level, 9)), format)
    case .decompress: DeflateStream.whole(source, .decompress, format)
    case .hash: SecureHash.whole(source)
    }
  }
}

extension BufferRequests {
  /// The message about the buffers with a number, in the length of a session's messages.
  func message(_ number: Int, bytes: Int) -> [UInt8] {
    var message = [UInt8](repeating: 0, count: bytes)
    message.storeLE(source &+ UInt64(number) &* UInt64(length), at: 8)
    message.storeLE(destination &+ UInt64(number) &* UInt64(capacity), at: 16)
    message.storeLE(length, at: 24)
    message.storeLE(capacity, at: 28)
    message.storeLE(options, at: 32)
    return message
  }
}
