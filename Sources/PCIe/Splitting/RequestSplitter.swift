/// One request of a transfer that was cut.
@frozen
public struct RequestPiece: Hashable, Sendable {
  /// The address of the first byte.
  public var address: UInt64
  public var bytes: Int
  /// The place of the first byte in the whole transfer.
  public var offset: Int

  /// A piece of a transfer.
  @inlinable
  public init(address: UInt64, bytes: Int, offset: Int) {
    self.address = address
    self.bytes = bytes
    self.offset = offset
  }
}

/// Cuts a transfer into memory requests that break neither a size limit nor a 4 KiB boundary.
///
/// A transfer of no bytes is one piece of no bytes. Nothing allocates.
///
/// - Units: `limitBytes` counts whole DWs, as the two size fields of Device Control do: a piece that does not
///   start on a DW carries less.
/// - Source: PCI Express Base 5.0, 2.2.2 "TLPs with Data Payloads - Rules" and 2.2.7 "Memory Requests".
@frozen
public struct RequestSplitter: IteratorProtocol, Sequence, Sendable {
  @usableFromInline let address: UInt64
  @usableFromInline let bytes: Int
  @usableFromInline let limitBytes: Int
  @usableFromInline var done = 0
  @usableFromInline var isEmptyPending: Bool

  /// Cuts writes by Max_Payload_Size, or reads by Max_Read_Request_Size.
  @inlinable
  public init(address: UInt64, bytes: Int, limitBytes: Int) {
    precondition(bytes >= 0 && limitBytes >= 4 && limitBytes % 4 == 0, "a limit of whole DWs")
    self.address = address
    self.bytes = bytes
    self.limitBytes = limitBytes
    isEmptyPending = bytes == 0
  }

  /// The next piece in address order, nil at the end.
  @inlinable
  public mutating func next() -> RequestPiece? {
    let start = address &+ UInt64(done)
    if isEmptyPending {
      isEmptyPending = false
      return RequestPiece(address: start, bytes: 0, offset: 0)
    }
    guard done < bytes else { return nil }
    let toLimit = limitBytes - Int(start & 3)
    let toPage = 4096 - Int(start & 0xfff)
    let piece = RequestPiece(address: start, bytes: Swift.min(bytes - done, toLimit, toPage), offset: done)
    done += piece.bytes
    return piece
  }
}
