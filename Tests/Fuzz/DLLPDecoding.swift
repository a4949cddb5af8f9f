import PCIe

/// Any bytes give a DLLP or a typed error, and a DLLP is written to bytes that give the same DLLP.
///
/// Chance rarely finds a CRC that is right, so the first four bytes are read with their own CRC too.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzDLLPDecoding(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = UnsafeRawBufferPointer(start: start, count: count)
  if let dllp = try? DLLP.decode(bytes.bytes) { check(dllp) }
  guard count >= 4 else { return 0 }
  let word = bytes.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
  let crc = DLLP.checksum(word)
  let whole = bytes.prefix(4) + [UInt8(truncatingIfNeeded: crc), UInt8(truncatingIfNeeded: crc >> 8)]
  do throws(DLLPError) {
    check(try DLLP.decode(Array(whole).span.bytes))
  } catch {
    guard case .undefinedType(let type) = error else { preconditionFailure("the CRC is right: \(error)") }
    precondition(type == bytes[0], "the type is the first byte")
  }
  return 0
}

private func check(_ dllp: DLLP) {
  precondition((try? DLLP.decode(dllp.bytes.span.bytes)) == dllp, "a DLLP is read back as another one")
  precondition(!dllp.mnemonic.isEmpty, "every DLLP has a name")
}
