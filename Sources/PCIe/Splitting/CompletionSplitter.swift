/// One completion of a memory read.
@frozen
public struct CompletionPiece: Hashable, Sendable {
  /// The address of the first byte.
  public var address: UInt64
  public var bytes: Int
  /// The bytes still to come, these included.
  public var remainingBytes: Int
  /// The place of the first byte in the data of the request.
  public var offset: Int

  /// A piece of the answer to a read.
  @inlinable
  public init(address: UInt64, bytes: Int, remainingBytes: Int, offset: Int) {
    self.address = address
    self.bytes = bytes
    self.remainingBytes = remainingBytes
    self.offset = offset
  }

  /// The bytes of payload: whole DWs around the piece.
  @inlinable
  public var payloadBytes: Int { (Int(address & 3) + Swift.max(bytes, 1) + 3) & ~3 }

  /// The header that carries the piece.
  @inlinable
  public func header(of request: TLPHeader, completer: FunctionAddress) -> TLPHeader {
    .completionWithData(
      of: request, completer: completer, address: address, bytes: bytes, remainingBytes: remainingBytes)
  }
}

/// Cuts the answer to a memory read into completions.
///
/// Every piece but the last ends on a read completion boundary. Nothing allocates.
///
/// - Source: PCI Express Base 5.0, 2.3.1.1 "Data Return for Read Requests".
@frozen
public struct CompletionSplitter: IteratorProtocol, Sequence, Sendable {
  @usableFromInline let address: UInt64
  @usableFromInline let bytes: Int
  @usableFromInline let maxPayloadBytes: Int
  @usableFromInline let boundary: Int
  @usableFromInline let stopsAtEveryBoundary: Bool
  @usableFromInline var done = 0

  /// Cuts a range of bytes.
  ///
  /// - Units: `boundary` is 64 or 128 bytes and not larger than the payload limit.
  @inlinable
  public init(
    address: UInt64, bytes: Int, maxPayloadBytes: Int, boundary: Int = 64, stopsAtEveryBoundary: Bool = false
  ) {
    precondition(boundary >= 4 && boundary.nonzeroBitCount == 1, "a boundary is a power of two")
    precondition(bytes > 0 && maxPayloadBytes >= boundary, "a payload reaches the next boundary")
    self.address = address
    self.bytes = bytes
    self.maxPayloadBytes = maxPayloadBytes
    self.boundary = boundary
    self.stopsAtEveryBoundary = stopsAtEveryBoundary
  }

  /// Cuts what a request asks for; a zero-length read has one byte to return.
  @inlinable
  public init(
    _ request: TLPHeader, maxPayloadBytes: Int, boundary: Int = 64, stopsAtEveryBoundary: Bool = false
  ) {
    self.init(
      address: request.firstByteAddress, bytes: request.requestedBytes, maxPayloadBytes: maxPayloadBytes,
      boundary: boundary, stopsAtEveryBoundary: stopsAtEveryBoundary)
  }

  /// The next piece in address order, nil at the end.
  @inlinable
  public mutating func next() -> CompletionPiece? {
    guard done < bytes else { return nil }
    let start = address &+ UInt64(done)
    let lead = Int(start & 3)
    // Relative to the boundary below the start, which keeps the sums away from the end of the address space.
    let inBoundary = Int(start & UInt64(boundary - 1))
    let reach =
      stopsAtEveryBoundary ? boundary : (inBoundary - lead + maxPayloadBytes) & ~(boundary - 1)
    let left = bytes - done
    let fits = !stopsAtEveryBoundary && lead + left <= maxPayloadBytes
    let piece = CompletionPiece(
      address: start, bytes: fits ? left : Swift.min(left, reach - inBoundary), remainingBytes: left,
      offset: done)
    done += piece.bytes
    return piece
  }
}
