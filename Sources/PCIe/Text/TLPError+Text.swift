extension TLPError: CustomStringConvertible {
  /// What is wrong, the value seen and what is needed, for a person.
  public var description: String {
    switch self {
    case .truncatedHeader(let needed, let seen):
      "the TLP ends after \(seen) bytes; its header needs \(needed)"
    case .tooManyPrefixes(let limit): "more than \(limit) prefixes stand before the header"
    case .undefinedType(let byte): "format and type 0x\(hexadecimal(UInt64(byte), digits: 2)) name no TLP"
    case .wrongLength(let expected, let seen):
      "the TLP has \(seen) bytes where its header announces \(expected)"
    }
  }
}
