/// The rule that makes a TLP malformed.
///
/// - Source: PCI Express Base 5.0, 2.2 and 2.3 "Handling of Received TLPs".
public enum TLPRuleViolation: Hashable, Sendable {
  case undefinedType(UInt8)
  case length(field: Int, payload: Int)
  case maxPayload(payload: Int, limit: Int)
  case crosses4KiB(address: UInt64, bytes: Int)
  case byteEnables(first: UInt8, last: UInt8, lengthDW: Int)
  case upperAddressZero
  case lengthNotOne(lengthDW: Int)
  case trafficClass(UInt8)
  case attributes(UInt8)
  case addressType(UInt8)
  case routing(UInt8)
  case messageRouting(MessageCode, MessageRouting)
  /// A message has a payload and must not, or the other way round.
  case messageData(MessageCode)
  /// A local prefix stands behind an end-to-end one.
  case prefixOrder
  case operandSize(lengthDW: Int)
  case operandAlignment(address: UInt64, bytes: Int)
}

extension TLPRuleViolation: CustomStringConvertible {
  public var description: String {
    switch self {
    case .undefinedType(let byte): "format and type 0x\(hexadecimal(UInt64(byte), digits: 2)) name no TLP"
    case .length(let field, let payload): "the length field says \(field) bytes where \(payload) follow"
    case .maxPayload(let payload, let limit):
      "a payload of \(payload) bytes exceeds max payload size \(limit)"
    case .crosses4KiB(let address, let bytes):
      "\(bytes) bytes at 0x\(hexadecimal(address, digits: 8)) cross a 4 KiB boundary"
    case .byteEnables(let first, let last, let lengthDW):
      "byte enables \(binary(first)) and \(binary(last)) are not allowed for \(lengthDW) DW"
    case .upperAddressZero: "a four DW header has an address below 4 GiB"
    case .lengthNotOne(let lengthDW): "the length is \(lengthDW) DW where only 1 is allowed"
    case .trafficClass(let value): "traffic class \(value) where only 0 is allowed"
    case .attributes(let value): "attributes \(binary(value)) where only 0 is allowed"
    case .addressType(let value): "address type \(value) where only 0 is allowed"
    case .routing(let value): "message routing \(value) is reserved"
    case .messageRouting(let code, let routing):
      "\(code.mnemonic) is routed as \(routing.rawValue) where \(code.routing.rawValue) is right"
    case .messageData(let code):
      "\(code.mnemonic) \(code.hasData == true ? "comes without its" : "has a") payload"
    case .prefixOrder: "a local prefix stands behind an end-to-end one"
    case .operandSize(let lengthDW): "\(lengthDW) DW are no operand size of this AtomicOp"
    case .operandAlignment(let address, let bytes):
      "operand address 0x\(hexadecimal(address, digits: 8)) is not aligned to \(bytes) bytes"
    }
  }

  private func binary(_ value: UInt8) -> String {
    let text = String(value, radix: 2)
    return String(repeating: "0", count: max(0, 4 - text.count)) + text
  }
}
