import LinkBroker
import PCIe
import RunEvents

extension TLPRecord {
  /// The words that a person reads for a TLP that a link carried, or could not carry.
  init(
    _ record: LinkRecord, link: String, upstream: String, downstream: String, fault phrase: String? = nil
  ) {
    let header = record.header
    self.init(
      link: link, from: record.isDownstream ? upstream : downstream,
      to: record.isDownstream ? downstream : upstream, mnemonic: header.kind?.mnemonic ?? "TLP")
    fault = phrase
    let kind = header.kind
    let waitsForAnswer = kind?.flowControlClass != .posted
    tag = waitsForAnswer ? hexadecimal(UInt64(header.tag), digits: 2) : nil
    switch kind {
    case .completion, .completionWithData, .completionLocked, .completionLockedWithData:
      status = header.completionStatus.mnemonic
      bytes = header.hasData ? Int(record.payloadBytes) : nil
    case .configurationRead0, .configurationRead1, .configurationWrite0, .configurationWrite1:
      address = "\(header.destinationID) +0x\(hexadecimal(UInt64(header.registerOffset), digits: 2))"
      bytes = header.requestedBytes
    case .message, .messageWithData: detail = header.messageCode?.mnemonic ?? "unknown message"
    case nil: break
    default:
      address = Self.grouped(header.firstByteAddress)
      bytes = header.requestedBytes
    }
    var remarks = detail.map { [$0] } ?? []
    if header.isPoisoned { remarks.append("poisoned") }
    switch record.fate {
    case .sent: break
    case .discarded: remarks.append("discarded")
    case .unsent: remarks.append("not sent")
    }
    detail = remarks.isEmpty ? nil : remarks.joined(separator: ", ")
  }

  /// An address in groups of four digits, eight or more of them.
  static func grouped(_ address: UInt64) -> String {
    let digits = Array(hexadecimal(address, digits: address >> 32 == 0 ? 8 : 16))
    var text = "0x"
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 4 == 0 { text += "_" }
      text.append(digit)
    }
    return text
  }
}
