/// A cpio archive in the format that the Linux kernel unpacks as its first file system.
///
/// The same entries give the same bytes: owner is root, times are 0, and inodes are numbered in order.
/// - Source: Linux Documentation/driver-api/early-userspace/buffer-format.rst "initramfs buffer format".
public struct CPIOArchive: Sendable {
  /// The archive so far; `finished` ends it.
  private var bytes: [UInt8] = []
  private var entryCount: UInt32 = 0
  private var paths: Set<String> = []

  /// Makes an archive without entries.
  public init() {}

  /// Adds a folder, with those above it that are not there yet.
  public mutating func addFolder(_ path: String) throws(CPIOError) {
    try checkForm(path)
    if paths.contains(path) { return }
    try addFolders(above: path)
    try add(path, mode: 0o040_755)
  }

  /// Adds a file, with the folders above it.
  /// - Parameter permissions: the lower nine bits of its mode.
  public mutating func addFile(
    _ path: String, _ content: [UInt8], permissions: UInt32 = 0o644
  ) throws(CPIOError) {
    try checkForm(path)
    try addFolders(above: path)
    try add(path, mode: 0o100_000 | permissions & 0o777, content)
  }

  /// Adds a character device, with the folders above it.
  public mutating func addCharacterDevice(
    _ path: String, major: UInt32, minor: UInt32, permissions: UInt32 = 0o600
  ) throws(CPIOError) {
    try checkForm(path)
    try addFolders(above: path)
    try add(path, mode: 0o020_000 | permissions & 0o777, device: (major, minor))
  }

  /// The whole archive with its last entry.
  ///
  /// - Complexity: O(bytes).
  public var finished: [UInt8] {
    var whole = self
    whole.append("TRAILER!!!", inode: 0, mode: 0, links: 1, [], device: (0, 0))
    return whole.bytes
  }

  private mutating func addFolders(above path: String) throws(CPIOError) {
    guard let slash = path.lastIndex(of: "/") else { return }
    try addFolder(String(path[..<slash]))
  }

  /// The kernel unpacks below its root: a path is relative and names each thing once.
  private func checkForm(_ path: String) throws(CPIOError) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }), !path.utf8.contains(0),
      path != "TRAILER!!!"
    else { throw .path(path) }
  }

  private mutating func add(
    _ path: String, mode: UInt32, _ content: [UInt8] = [], device: (UInt32, UInt32) = (0, 0)
  ) throws(CPIOError) {
    guard content.count <= Int(UInt32.max) else { throw .tooLarge(path, content.count) }
    guard paths.insert(path).inserted else { throw .twice(path) }
    entryCount += 1
    let links: UInt32 = mode & 0o170_000 == 0o040_000 ? 2 : 1
    append(path, inode: entryCount, mode: mode, links: links, content, device: device)
  }

  /// Header and name are padded to a multiple of four bytes together, the content on its own.
  private mutating func append(
    _ path: String, inode: UInt32, mode: UInt32, links: UInt32, _ content: [UInt8], device: (UInt32, UInt32)
  ) {
    let name = Array(path.utf8) + [0]
    let fields: [UInt32] = [
      inode, mode, 0, 0, links, 0, UInt32(content.count), 0, 0, device.0, device.1, UInt32(name.count), 0,
    ]
    bytes += Array("070701".utf8)
    for field in fields { bytes += Self.digits(field) }
    bytes += name
    pad()
    bytes += content
    pad()
  }

  private mutating func pad() { while bytes.count % 4 != 0 { bytes.append(0) } }

  private static func digits(_ value: UInt32) -> [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    return (0..<8).reversed().map { digits[Int(value >> (4 * UInt32($0)) & 15)] }
  }
}

/// Why something cannot be put into an archive.
public enum CPIOError: Error, Hashable, Sendable {
  /// The path is empty, absolute, leads upwards or is reserved.
  case path(String)
  /// Something is there already under the path.
  case twice(String)
  /// A file of that many bytes is larger than the format can say.
  case tooLarge(String, Int)
}

extension CPIOError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .path(let path):
      "'\(path)' is no path in an archive; write it relative to the root, without '.' and '..'"
    case .twice(let path): "'\(path)' is in the archive already"
    case .tooLarge(let path, let count): "'\(path)' has \(count) bytes; the format allows \(UInt32.max)"
    }
  }
}
