import CSystem
import Glibc

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
        if !rest.isEmpty { waitForRoom() }
      }
    } catch { throw SystemError("write to \(name)", number: error.number) }
  }

  /// Whether it is a terminal.
  public var isTerminal: Bool { isatty(rawValue) == 1 }

  /// The columns of the terminal; nil when it is none or does not know.
  public var columns: Int? {
    let columns = Int(csys_terminal_columns(rawValue))
    return columns > 0 ? columns : nil
  }

  /// Waits until a stream that others made non-blocking takes bytes again.
  private func waitForRoom() {
    var request = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
    _ = unsafe poll(&request, 1, -1)
  }
}
