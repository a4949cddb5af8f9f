import CZlib

/// A stream of zlib in one direction, fed piece by piece.
///
/// - Complexity: that of the library; a call allocates only for output that `output` has no room for yet.
@safe public final class DeflateStream {
  /// What the stream does.
  public enum Direction: Hashable, Sendable {
    /// - Units: `level` 1 to 9; nil for the library's own choice.
    case compress(level: Int?)
    case decompress
  }

  private let stream: UnsafeMutablePointer<z_stream>
  private let isCompressing: Bool
  private let isReady: Bool
  private var pieces = [UInt8](repeating: 0, count: 64 << 10)

  /// Opens a stream.
  public init(_ direction: Direction, _ format: DeflateFormat) {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    let size = unsafe Int32(MemoryLayout<z_stream>.size)
    switch direction {
    case .compress(let level):
      isCompressing = true
      let level = Int32(clamping: level ?? Int(Z_DEFAULT_COMPRESSION))
      isReady =
        unsafe deflateInit2_(
          stream, level, Z_DEFLATED, format.windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
    case .decompress:
      isCompressing = false
      isReady = unsafe inflateInit2_(stream, format.windowBits, ZLIB_VERSION, size) == Z_OK
    }
  }

  deinit {
    if isReady { _ = unsafe isCompressing ? deflateEnd(stream) : inflateEnd(stream) }
    unsafe stream.deinitialize(count: 1)
    unsafe stream.deallocate()
  }

  /// Takes bytes in and appends what comes out of them.
  ///
  /// - Parameters:
  ///   - isLast: no byte follows, so that the stream is to end.
  ///   - limit: the most bytes that `output` may hold; what does not fit ends the work.
  public func work(
    _ input: [UInt8], count: Int, isLast: Bool, into output: inout [UInt8], limit: Int = .max
  ) -> CodecStatus {
    guard isReady else { return .failed }
    return unsafe input.withUnsafeBufferPointer { bytes in
      // The library reads what stands there, and no more.
      unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
      unsafe stream.pointee.avail_in = UInt32(clamping: min(count, bytes.count))
      return run(isLast: isLast, into: &output, limit: limit)
    }
  }

  private func run(isLast: Bool, into output: inout [UInt8], limit: Int) -> CodecStatus {
    while true {
      let (result, made) = unsafe pieces.withUnsafeMutableBufferPointer { room in
        unsafe stream.pointee.next_out = room.baseAddress
        unsafe stream.pointee.avail_out = UInt32(room.count)
        let flush = isLast ? Z_FINISH : Z_NO_FLUSH
        let result = unsafe isCompressing ? deflate(stream, flush) : inflate(stream, Z_NO_FLUSH)
        return (result, room.count - Int(unsafe stream.pointee.avail_out))
      }
      guard output.count + made <= limit else { return .overLimit }
      output.append(contentsOf: pieces[..<made])
      switch result {
      case Z_STREAM_END: return .ended
      case Z_OK, Z_BUF_ERROR:
        // With the last piece a compressor goes on until it has ended; else all that is in has been used.
        if made == pieces.count || isCompressing && isLast && result == Z_OK { continue }
        return isLast ? .failed : .more
      default: return .failed
      }
    }
  }

  /// All of a stream at once; nil when it could not be made or read.
  public static func whole(_ bytes: [UInt8], _ direction: Direction, _ format: DeflateFormat) -> [UInt8]? {
    var output: [UInt8] = []
    let stream = DeflateStream(direction, format)
    return stream.work(bytes, count: bytes.count, isLast: true, into: &output) == .ended ? output : nil
  }
}
