import PCIe

/// One message with the descriptors that came with it.
struct VfioUserMessage {
  var header: VfioUserHeader
  /// What follows the header.
  var payload: [UInt8]
  var descriptors: [PassedDescriptor] = []

  /// What one access or transfer moves at most.
  ///
  /// - Units: bytes.
  static let dataBytesMax = 1 << 20
  /// A write of that size, or a table of descriptors, with what stands before it.
  static let bytesMax = dataBytesMax + 4096

  /// A command with its payload.
  static func command(
    _ command: VfioUserCommand, id: UInt16, _ payload: [UInt8] = [],
    passing descriptors: [PassedDescriptor] = []
  ) -> VfioUserMessage {
    VfioUserMessage(
      header: VfioUserHeader(
        id: id, command: command.rawValue, bytes: VfioUserHeader.encodedBytes + payload.count),
      payload: payload, descriptors: descriptors)
  }

  /// The reply to a command.
  static func reply(
    to command: VfioUserHeader, _ payload: [UInt8] = [], passing descriptors: [PassedDescriptor] = []
  ) -> VfioUserMessage {
    var header = VfioUserHeader(
      id: command.id, command: command.command, bytes: VfioUserHeader.encodedBytes + payload.count)
    header.isReply = true
    return VfioUserMessage(header: header, payload: payload, descriptors: descriptors)
  }

  /// The reply that a command has failed.
  static func failure(of command: VfioUserHeader, _ error: VfioUserError) -> VfioUserMessage {
    var message = reply(to: command)
    message.header.error = UInt32(bitPattern: error.number)
    return message
  }
}

/// Why a command fails, as an errno.
package struct VfioUserError: Error, Hashable {
  let number: Int32
}

// Fields of payloads, whose lengths were checked.
extension [UInt8] {
  func field<T: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as type: T.Type = T.self) -> T {
    loadLE(at: offset)
  }

  mutating func add(_ value: some FixedWidthInteger & BitwiseCopyable) {
    let start = count
    append(contentsOf: repeatElement(0, count: value.bitWidth / 8))
    storeLE(value, at: start)
  }
}
