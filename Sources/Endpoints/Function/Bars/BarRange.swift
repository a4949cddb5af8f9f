/// Bytes of one BAR, as the model that serves it is asked for them; always inside the BAR.
@frozen
public struct BarRange: Hashable, Sendable {
  public var bar: Int
  /// - Units: bytes from the start of the BAR.
  public var offset: Int
  public var count: Int

  @inlinable
  public init(bar: Int, offset: Int, count: Int) {
    self.bar = bar
    self.offset = offset
    self.count = count
  }

  /// Whether any byte of a register lies in the range.
  @inlinable
  public func touches(_ registerOffset: Int, bytes: Int = 4) -> Bool {
    offset < registerOffset + bytes && registerOffset < offset + count
  }
}

/// What a model says to an access.
public enum BarResponse: Hashable, Sendable {
  case done
  /// The model cannot serve this request, though the address is its own.
  ///
  /// - Source: PCI Express Base 5.0, 2.3.1 "Request Handling Rules".
  case completerAbort
  /// The model does not know this kind of request.
  case unsupportedRequest
}
