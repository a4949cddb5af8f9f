/// What both sides tell each other first: a version and, as JSON, what they can do.
///
/// - Source: QEMU 11.1, `docs/interop/vfio-user.rst` "VFIO_USER_VERSION".
public struct VfioUserVersion: Hashable, Sendable {
  public var major: UInt16 = 0
  public var minor: UInt16 = 0
  /// The descriptors of one message.
  public var maxDescriptors = 1
  /// What one access or transfer moves at most.
  ///
  /// - Units: bytes.
  public var maxTransferBytes = VfioUserMessage.dataBytesMax
  /// Whether many writes may come in one message.
  public var takesManyWrites = false

  /// What every message has to have room for: the data of the largest TLP.
  ///
  /// - Units: bytes.
  static let leastTransferBytes = 4096

  /// What a peer can do that says nothing of it.
  init() {}

  /// Reads the payload of a version message.
  ///
  /// - Returns: nil when it is none; what it says beyond what is asked for is passed over.
  init?(_ payload: [UInt8]) {
    guard payload.count >= 4 else { return nil }
    major = payload.field(0)
    minor = payload.field(2)
    guard payload.count > 4 else { return }
    guard payload.last == 0, payload.count > 5 else { return nil }
    var text = VfioUserJSON(payload[4..<payload.count - 1])
    guard let values = text.numbers() else { return nil }
    func number(_ name: String, _ range: ClosedRange<UInt64>) -> Int? {
      values["capabilities.\(name)"].map { Int(clamping: min(max($0, range.lowerBound), range.upperBound)) }
    }
    maxDescriptors = number("max_msg_fds", 0...16) ?? maxDescriptors
    maxTransferBytes = number("max_data_xfer_size", 1...UInt64(maxTransferBytes)) ?? maxTransferBytes
    takesManyWrites = values["capabilities.write_multiple"] == 1
  }

  /// The payload of a version message.
  ///
  /// As a reply it must not be longer than QEMU's request, of which QEMU uses the memory: 198 bytes.
  var payload: [UInt8] {
    var bytes: [UInt8] = []
    bytes.add(major)
    bytes.add(minor)
    let text =
      #"{"capabilities":{"max_msg_fds":\#(maxDescriptors),"max_data_xfer_size":\#(maxTransferBytes),"#
      + #""max_dma_maps":\#(PeerMemoryMap.windowsMax),"write_multiple":\#(takesManyWrites)}}"#
    bytes.append(contentsOf: text.utf8)
    bytes.append(0)
    return bytes
  }
}
