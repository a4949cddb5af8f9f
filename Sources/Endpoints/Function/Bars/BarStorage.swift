/// Bytes of a BAR that somebody else may change too, such as memory that a host has mapped.
public protocol BarStorage: AnyObject {
  /// - Units: bytes.
  var byteCount: UInt64 { get }
  /// Copies bytes out; the range lies inside.
  func read(at offset: Int, into target: inout MutableRawSpan)
  /// Copies bytes in; the range lies inside.
  func write(_ bytes: RawSpan, at offset: Int)
}

/// A model whose BARs are memory, each of which may stand in a place of its own.
public protocol BarSharing: AnyObject {
  /// Keeps the contents of a BAR in a place that others have too; it is as large as the BAR.
  func share(_ bar: Int, in storage: any BarStorage)
}

extension MemoryMock: BarSharing {
  public func share(_ bar: Int, in storage: any BarStorage) { memories.share(bar, in: storage) }
}

extension DMAEndpoint: BarSharing {
  public func share(_ bar: Int, in storage: any BarStorage) { memories.share(bar, in: storage) }
}
