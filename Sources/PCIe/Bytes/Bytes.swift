// The one file of this module with unsafe code: loads, stores and copies, each checked first.

extension RawSpan {
  /// Loads an integer that stands most significant byte first; reading past the end stops the program.
  @inlinable @inline(__always)
  public func loadBE<T: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: T.Type = T.self) -> T {
    // Safe: unsafeLoadUnaligned checks the offset, and an integer has no invalid bit pattern.
    T(bigEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: T.self))
  }

  /// Loads an integer that stands least significant byte first; reading past the end stops the program.
  @inlinable @inline(__always)
  public func loadLE<T: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: T.Type = T.self) -> T {
    // Safe: as above.
    T(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: T.self))
  }
}

extension MutableRawSpan {
  /// Stores an integer most significant byte first; writing past the end stops the program.
  @inlinable @inline(__always)
  @_lifetime(self: copy self)
  public mutating func storeBE<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, at offset: Int) {
    storeBytes(of: value.bigEndian, toByteOffset: offset, as: T.self)
  }

  /// Stores an integer least significant byte first; writing past the end stops the program.
  @inlinable @inline(__always)
  @_lifetime(self: copy self)
  public mutating func storeLE<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, at offset: Int) {
    storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self)
  }

  /// Copies a whole span to a place in this one.
  @inlinable @inline(__always)
  @_lifetime(self: copy self)
  public mutating func copyBytes(from source: RawSpan, at offset: Int) {
    precondition(offset >= 0 && source.byteCount <= byteCount - offset, "copy past the end of a span")
    unsafe withUnsafeMutableBytes { target in
      unsafe source.withUnsafeBytes { bytes in
        guard let from = bytes.baseAddress, let to = target.baseAddress else { return }
        // Safe: the precondition holds both ranges inside their spans.
        unsafe (to + offset).copyMemory(from: from, byteCount: bytes.count)
      }
    }
  }
}

extension [UInt8] {
  /// The bytes of the array without a copy.
  @inlinable
  public var rawSpan: RawSpan {
    @_lifetime(borrow self)
    get {
      // Safe: a byte has no padding.
      unsafe span.bytes
    }
  }

  /// Lends the bytes of the array for changing in place; copies the array first when it is shared.
  @inlinable @inline(__always)
  public mutating func withMutableRawSpan<Result>(_ body: (inout MutableRawSpan) -> Result) -> Result {
    var elements = mutableSpan
    // Safe: a byte has no padding.
    var bytes = unsafe elements.mutableBytes
    return body(&bytes)
  }

  /// Loads an integer that stands least significant byte first.
  @inlinable @inline(__always)
  public func loadLE<T: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: T.Type = T.self) -> T {
    rawSpan.loadLE(at: offset, as: type)
  }

  /// Stores an integer least significant byte first.
  @inlinable @inline(__always)
  public mutating func storeLE<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, at offset: Int) {
    withMutableRawSpan { $0.storeLE(value, at: offset) }
  }
}

/// Copies bytes between two arrays with one block move.
///
/// Both ranges must lie inside their arrays; anything else stops the program.
///
/// - Complexity: O(count), no allocation as long as the target is not shared.
@inlinable
public func copyBytes(
  from source: [UInt8], at sourceOffset: Int, to target: inout [UInt8], at targetOffset: Int, count: Int
) {
  precondition(
    count >= 0 && sourceOffset >= 0 && sourceOffset <= source.count - count, "copy past the source")
  precondition(targetOffset >= 0 && targetOffset <= target.count - count, "copy past the target")
  if count == 0 { return }
  unsafe source.withUnsafeBytes { from in
    unsafe target.withUnsafeMutableBytes { to in
      guard let from = from.baseAddress, let to = to.baseAddress else { return }
      // Safe: both ranges were checked above.
      unsafe (to + targetOffset).copyMemory(from: from + sourceOffset, byteCount: count)
    }
  }
}

/// Copies bytes from a span into an array with one block move.
///
/// - Complexity: O(count), no allocation as long as the target is not shared.
@inlinable
public func copyBytes(
  from source: RawSpan, at sourceOffset: Int, to target: inout [UInt8], at targetOffset: Int, count: Int
) {
  precondition(
    count >= 0 && sourceOffset >= 0 && sourceOffset <= source.byteCount - count, "copy past the source")
  precondition(targetOffset >= 0 && targetOffset <= target.count - count, "copy past the target")
  if count == 0 { return }
  unsafe source.withUnsafeBytes { from in
    unsafe target.withUnsafeMutableBytes { to in
      guard let from = from.baseAddress, let to = to.baseAddress else { return }
      // Safe: both ranges were checked above.
      unsafe (to + targetOffset).copyMemory(from: from + sourceOffset, byteCount: count)
    }
  }
}

/// Fills a span with bytes of an array by one block move.
///
/// - Complexity: O(count), no allocation.
@inlinable
public func copyBytes(from source: [UInt8], at sourceOffset: Int, to target: inout MutableRawSpan) {
  let count = target.byteCount
  precondition(sourceOffset >= 0 && sourceOffset <= source.count - count, "copy past the source")
  if count == 0 { return }
  unsafe source.withUnsafeBytes { from in
    unsafe target.withUnsafeMutableBytes { to in
      guard let from = from.baseAddress, let to = to.baseAddress else { return }
      // Safe: the range was checked above.
      unsafe to.copyMemory(from: from + sourceOffset, byteCount: count)
    }
  }
}

/// Moves bytes inside one array; the ranges may overlap.
///
/// - Complexity: O(count), no allocation as long as the array is not shared.
@inlinable
public func moveBytes(in bytes: inout [UInt8], from sourceOffset: Int, to targetOffset: Int, count: Int) {
  precondition(count >= 0 && sourceOffset >= 0 && sourceOffset <= bytes.count - count, "copy past the source")
  precondition(targetOffset >= 0 && targetOffset <= bytes.count - count, "copy past the target")
  if count == 0 { return }
  unsafe bytes.withUnsafeMutableBytes { all in
    guard let base = all.baseAddress else { return }
    // Safe: both ranges were checked above, and copyMemory allows overlap.
    unsafe (base + targetOffset).copyMemory(from: base + sourceOffset, byteCount: count)
  }
}
