import PCIe

/// Any bytes give a TLP or a typed error, and a TLP is written back as the bytes that it came from.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTLPDecoding(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = UnsafeRawBufferPointer(start: start, count: count)
  guard let tlp = try? TLP(decoding: bytes.bytes) else { return 0 }
  precondition(tlp.bytes.elementsEqual(bytes), "a TLP is written back as other bytes")
  _ = TLPRules.check(tlp.header, payloadBytes: tlp.payload.count, maxPayloadBytes: 4096)
  return 0
}
