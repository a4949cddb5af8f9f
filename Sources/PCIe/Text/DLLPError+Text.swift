extension DLLPError: CustomStringConvertible {
  /// What is wrong, the value seen and what is needed, for a person.
  public var description: String {
    switch self {
    case .wrongLength(let seen): "the DLLP has \(seen) bytes; it must have 6"
    case .wrongCRC(let expected, let seen):
      "the DLLP's CRC is 0x\(hexadecimal(UInt64(seen), digits: 4)); "
        + "0x\(hexadecimal(UInt64(expected), digits: 4)) is right"
    case .undefinedType(let byte): "DLLP type 0x\(hexadecimal(UInt64(byte), digits: 2)) is not defined"
    }
  }
}
