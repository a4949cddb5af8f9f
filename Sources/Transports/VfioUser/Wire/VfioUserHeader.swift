import PCIe

/// The first 16 bytes of a message, in the byte order of the machine, which is little-endian here.
///
/// - Source: QEMU 11.1, `docs/interop/vfio-user.rst` "Header".
public struct VfioUserHeader: Hashable, Sendable {
  /// Tells replies apart; each direction counts for itself.
  public var id: UInt16
  /// The number of a `VfioUserCommand`, or of none that is known.
  public var command: UInt16
  /// The whole message.
  ///
  /// - Units: bytes.
  public var bytes: Int
  public var isReply = false
  /// Whether a command wants no reply, not even an error.
  public var wantsNoReply = false
  /// The errno of a reply that says so; nil for success.
  public var error: UInt32?

  static let encodedBytes = 16

  init(id: UInt16, command: UInt16, bytes: Int) {
    self.id = id
    self.command = command
    self.bytes = bytes
  }

  /// Reads a header; the span must hold all of it.
  ///
  /// - Throws: when what follows it cannot be told.
  init(decoding span: RawSpan) throws(VfioUserStreamError) {
    self.init(
      id: span.loadLE(at: 0), command: span.loadLE(at: 2), bytes: Int(span.loadLE(at: 4, as: UInt32.self)))
    let flags = span.loadLE(at: 8, as: UInt32.self)
    guard flags & 0xf <= 1 else { throw .unknownType(UInt8(flags & 0xf)) }
    isReply = flags & 0xf == 1
    wantsNoReply = flags & 1 << 4 != 0
    if flags & 1 << 5 != 0 { error = span.loadLE(at: 12) }
    guard bytes >= Self.encodedBytes else { throw .shortMessage(bytes: bytes) }
    guard bytes <= VfioUserMessage.bytesMax else { throw .longMessage(bytes: bytes) }
  }

  /// Appends the header to a message.
  func encode(into target: inout [UInt8]) {
    let start = target.count
    target.append(contentsOf: repeatElement(0, count: Self.encodedBytes))
    target.storeLE(id, at: start)
    target.storeLE(command, at: start + 2)
    target.storeLE(UInt32(truncatingIfNeeded: bytes), at: start + 4)
    let flags: UInt32 = (isReply ? 1 : 0) | (wantsNoReply ? 1 << 4 : 0) | (error == nil ? 0 : 1 << 5)
    target.storeLE(flags, at: start + 8)
    target.storeLE(error ?? 0, at: start + 12)
  }
}

/// Why a stream cannot be cut into messages any further.
public enum VfioUserStreamError: Error, Hashable, Sendable {
  case shortMessage(bytes: Int)
  case longMessage(bytes: Int)
  case unknownType(UInt8)
  /// Descriptors came in the middle of a message.
  case strayDescriptors
  /// A reply with an ID that no command of ours has.
  case unexpectedReply(id: UInt16)
  /// A reply that does not fit its command.
  case wrongReply(command: VfioUserCommand, bytes: Int)
}

extension VfioUserStreamError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .shortMessage(let bytes):
      "a message says it has \(bytes) bytes; its header alone has \(VfioUserHeader.encodedBytes)"
    case .longMessage(let bytes):
      "a message says it has \(bytes) bytes; \(VfioUserMessage.bytesMax) are the most"
    case .unknownType(let type): "a message of type \(type); 0 is a command and 1 a reply"
    case .strayDescriptors: "descriptors came in the middle of a message; they go with its first byte"
    case .unexpectedReply(let id): "a reply with ID \(id) came, which no command has that waits for one"
    case .wrongReply(let command, let bytes): "a reply to \(command) with \(bytes) bytes behind its header"
    }
  }
}
