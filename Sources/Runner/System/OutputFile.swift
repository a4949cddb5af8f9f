import Glibc
public import Nodes

/// A file or stream that grows while a run goes on.
public struct OutputFile: ~Copyable {
  private let descriptor: Descriptor
  private let name: String
  private let isBorrowed: Bool

  /// Creates the file, or empties the one that is there; `-` is the standard output.
  public init(_ path: String) throws(SystemError) {
    isBorrowed = path == "-"
    name = isBorrowed ? "standard output" : path
    if isBorrowed {
      descriptor = Descriptor(owning: STDOUT_FILENO)
    } else {
      if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
        try FileStore.makeFolder(String(path[..<slash]))
      }
      descriptor = try Descriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, "write")
    }
  }

  /// Appends bytes.
  public func write(_ bytes: [UInt8]) throws(SystemError) {
    if bytes.isEmpty { return }
    if isBorrowed { return try StandardStream.output.write(bytes) }
    do throws(SystemError) {
      _ = try descriptor.write(bytes[...])
    } catch { throw SystemError("write \(name)", number: error.number) }
  }

  /// Ends the file; some file systems tell only now that the disk is full.
  public consuming func finish() throws(SystemError) {
    let name = name
    let isBorrowed = isBorrowed
    let number = descriptor.take()
    if !isBorrowed && close(number) != 0 { throw .last("write \(name)") }
  }
}
