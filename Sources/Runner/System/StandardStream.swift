import CSystem
import Glibc
public import Nodes

/// Output or errors of this process.
public enum StandardStream: Int32, Sendable {
  /// What the user asked for.
  case output = 1
  /// Errors and notes.
  case error = 2

  /// Writes all bytes.
  ///
  /// - Throws: the reason, also when the reader has gone away.
  public func write(_ bytes: [UInt8]) throws(SystemError) {
    if bytes.isEmpty { return }
    let name = self == .output ? "standard output" : "standard error"
    var rest = bytes[...]
    do throws(SystemError) {
      while !rest.isEmpty {
        let count = try Descriptor.write(rest, to: rawValue)
        rest = rest.dropFirst(count)
        if !rest.isEmpty { PollRequest.waitToWrite(rawValue) }
      }
    } catch { throw SystemError("write to \(name)", number: error.number) }
  }

  /// Fills closed standard descriptors, so that no file of ours gets their numbers; answers with those
  /// that were closed.
  public static func openMissing() -> Set<Int32> {
    var missing: Set<Int32> = []
    for number in CInt(0)...2 where fcntl(number, F_GETFD) < 0 {
      // The lowest free number is this one: those below are open.
      missing.insert(unsafe open("/dev/null", O_RDWR))
    }
    return missing
  }

  /// Whether it is a terminal.
  public var isTerminal: Bool { isatty(rawValue) == 1 }

  /// The columns and rows of the terminal; nil when it is none or does not know.
  public var terminalSize: (columns: Int, rows: Int)? {
    let size = Int(csys_terminal_size(rawValue))
    return size > 0 ? (size >> 16, size & 0xffff) : nil
  }
}
