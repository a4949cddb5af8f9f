import PCIe

// The peer's memory, where only messages reach it.
extension VfioUserServer {
  /// What one message moves at most: QEMU's socket truncates a longer answer, after which the stream is lost.
  ///
  /// - Units: bytes.
  static let transferBytesMax = 64 << 10

  /// Asks for bytes; a `memoryRead` event brings them.
  mutating func readMemory(_ address: UInt64, count: Int, tag: Int) {
    precondition(count > 0 && count <= Self.transferBytesMax, "a message moves at most 64 KiB")
    var payload: [UInt8] = []
    payload.add(address)
    payload.add(UInt64(count))
    output.put(.command(.memoryRead, id: transfers.beginRead(tag: tag, count: count), payload))
  }

  /// Writes bytes; a `memoryWritten` event tells when the peer has taken them.
  mutating func writeMemory(_ address: UInt64, _ bytes: RawSpan) {
    precondition(bytes.byteCount <= Self.transferBytesMax, "a message moves at most 64 KiB")
    var payload: [UInt8] = []
    payload.add(address)
    payload.add(UInt64(bytes.byteCount))
    let start = payload.count
    payload.append(contentsOf: repeatElement(0, count: bytes.byteCount))
    copyBytes(from: bytes, at: 0, to: &payload, at: start, count: bytes.byteCount)
    output.put(.command(.memoryWrite, id: transfers.beginWrite(), payload))
  }

  mutating func takeReply(_ message: VfioUserMessage) throws(VfioUserStreamError) {
    let header = message.header
    guard let kind = transfers.end(header.id) else { throw .unexpectedReply(id: header.id) }
    let command: VfioUserCommand = if case .read = kind { .memoryRead } else { .memoryWrite }
    func wrong() -> VfioUserStreamError { .wrongReply(command: command, bytes: message.payload.count) }
    guard header.command == command.rawValue else { throw wrong() }
    switch kind {
    case .read(let tag, let count):
      if header.error != nil { return note(.memoryRead(tag: tag, nil)) }
      guard message.payload.count == 16 + count else { throw wrong() }
      note(.memoryRead(tag: tag, Array(message.payload[16...])))
    case .write:
      // QEMU answers with its header alone, where the specification shows the address and the count too.
      guard header.error != nil || message.payload.isEmpty || message.payload.count == 16 else {
        throw wrong()
      }
      note(.memoryWritten(isTaken: header.error == nil))
    }
  }
}
