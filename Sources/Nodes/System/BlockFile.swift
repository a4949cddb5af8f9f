import Glibc

/// A file that is read and written at any place, by one owner at a time.
public struct BlockFile: ~Copyable {
  private let descriptor: Descriptor
  /// As it was when the file was opened.
  public let byteCount: UInt64

  /// Opens a file that is there, and keeps others that open it so from it.
  public init(_ path: String) throws(SystemError) {
    let descriptor = try Descriptor.open(path, O_RDWR | O_CLOEXEC, "open")
    guard flock(descriptor.number, LOCK_EX | LOCK_NB) == 0 else { throw .last("lock \(path)") }
    let size = lseek(descriptor.number, 0, SEEK_END)
    guard size >= 0 else { throw .last("size of \(path)") }
    byteCount = UInt64(size)
    self.descriptor = descriptor
  }

  /// Copies bytes to the start of an array; false when not all could be read.
  public func read(at offset: UInt64, count: Int, into target: inout [UInt8]) -> Bool {
    var done = 0
    while done < count {
      let part = unsafe target.withUnsafeMutableBytes { bytes in
        guard let start = bytes.baseAddress else { return 0 }
        return unsafe pread(descriptor.number, start + done, count - done, off_t(offset) + off_t(done))
      }
      if part > 0 { done += part } else if part == 0 || errno != EINTR { return false }
    }
    return true
  }

  /// Writes the first bytes of an array; false when not all could be written.
  public func write(_ bytes: [UInt8], count: Int, at offset: UInt64) -> Bool {
    var done = 0
    while done < count {
      let part = unsafe bytes.withUnsafeBytes { bytes in
        guard let start = bytes.baseAddress else { return 0 }
        return unsafe pwrite(descriptor.number, start + done, count - done, off_t(offset) + off_t(done))
      }
      if part > 0 { done += part } else if part == 0 || errno != EINTR { return false }
    }
    return true
  }

  /// Writes zeros.
  public func clear(at offset: UInt64, count: UInt64) -> Bool {
    let zeros = [UInt8](repeating: 0, count: Int(min(count, 1 << 20)))
    var done: UInt64 = 0
    while done < count {
      let part = min(count - done, UInt64(zeros.count))
      guard write(zeros, count: Int(part), at: offset + done) else { return false }
      done += part
    }
    return true
  }

  /// Sees that the disk has what was written.
  public func flush() -> Bool { fdatasync(descriptor.number) == 0 }
}
