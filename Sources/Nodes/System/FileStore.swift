import Glibc

/// Files and folders by path, whole and at once.
public enum FileStore {
  /// What stands at a path.
  public enum Kind: Hashable, Sendable {
    /// A file of bytes on a disk.
    case file
    /// A folder.
    case folder
    /// A device, a pipe or a socket.
    case special
  }

  /// What stands at a path, through symbolic links; nil when nothing does or it cannot be looked at.
  public static func kind(_ path: String) -> Kind? {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    default: return .special
    }
  }

  /// Whether the path leads to a file that this process may execute.
  public static func isExecutable(_ path: String) -> Bool {
    unsafe kind(path) == .file && access(path, X_OK) == 0
  }

  /// All bytes of a file.
  public static func read(_ path: String) throws(SystemError) -> [UInt8] {
    let file = try Descriptor.open(path, O_RDONLY | O_CLOEXEC, "read")
    var bytes: [UInt8] = []
    do throws(SystemError) {
      while case .bytes(let more) = try file.read() {
        if bytes.isEmpty { bytes = more } else { bytes += more }
      }
    } catch { throw SystemError("read \(path)", number: error.number) }
    return bytes
  }

  /// Removes a file or a socket, if it is there.
  public static func remove(_ path: String) { _ = unsafe unlink(path) }

  /// The names in a folder, sorted, without `.` and `..`.
  public static func entries(_ path: String) throws(SystemError) -> [String] {
    guard let folder = unsafe opendir(path) else { throw .last("read folder \(path)") }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Takes bytes that are to be written.
  public typealias Sink = (ArraySlice<UInt8>) throws(SystemError) -> Void

  /// Writes a file so that a reader sees the old bytes or the new ones, never a part.
  ///
  /// A device or a pipe at the path is written as it stands; folders on the way are made.
  public static func write(_ bytes: [UInt8], to path: String) throws(SystemError) {
    try write(to: path) { sink throws(SystemError) in try sink(bytes[...]) }
  }

  /// Writes a file in pieces, so that a reader sees the old bytes or the new ones, never a part.
  public static func write(to path: String, _ body: (Sink) throws(SystemError) -> Void) throws(SystemError) {
    if kind(path) == .special {
      return try put(body, into: try Descriptor.open(path, O_WRONLY | O_CLOEXEC, "write"), named: path)
    }
    try makeFolders(above: path)
    // Through a symbolic link the rename would replace the link and not the file.
    let target = realPath(path) ?? path
    let temporary = "\(target).\(getpid()).partial"
    do throws(SystemError) {
      let file = try Descriptor.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, "write")
      try put(body, into: file, named: path)
    } catch {
      unsafe unlink(temporary)
      throw SystemError("write \(path)", number: error.number)
    }
    guard unsafe rename(temporary, target) == 0 else {
      let error = SystemError.last("write \(path)")
      unsafe unlink(temporary)
      throw error
    }
  }

  /// Makes a folder and those above it.
  public static func makeFolder(_ path: String) throws(SystemError) {
    if path.isEmpty || kind(path) == .folder { return }
    try makeFolders(above: path)
    if unsafe mkdir(path, 0o777) != 0 && errno != EEXIST { throw .last("make folder \(path)") }
  }

  /// Makes a folder that was not there before; with the name taken, the name with -2, -3 and so on.
  ///
  /// Two processes never get the same one: the operating system decides who made it.
  public static func makeNewFolder(_ path: String) throws(SystemError) -> String {
    try makeFolders(above: path)
    var number = 1
    while true {
      let name = number == 1 ? path : "\(path)-\(number)"
      if unsafe mkdir(name, 0o777) == 0 { return name }
      if errno != EEXIST { throw .last("make folder \(name)") }
      number += 1
    }
  }

  /// The absolute path without symbolic links; nil when nothing stands there.
  public static func realPath(_ path: String) -> String? {
    guard let real = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(real) }
    return unsafe String(cString: real)
  }

  private static func put(
    _ body: (Sink) throws(SystemError) -> Void, into file: consuming Descriptor, named path: String
  ) throws(SystemError) {
    let number = file.number
    do throws(SystemError) {
      try body { bytes throws(SystemError) in _ = try Descriptor.write(bytes, to: number) }
    } catch { throw SystemError("write \(path)", number: error.number) }
    // Some file systems tell a full disk only when the file is closed.
    if close(file.take()) != 0 { throw .last("write \(path)") }
  }

  private static func makeFolders(above path: String) throws(SystemError) {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
    try makeFolder(String(path[..<slash]))
  }
}
