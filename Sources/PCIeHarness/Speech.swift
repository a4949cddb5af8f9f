import ArgumentParser
import Nodes
import RunEvents
import Runner

/// What the program says to the people and programs that started it.
enum Speech {
  /// A line for the standard output. A reader that has gone away is no error.
  static func say(_ text: String) { try? StandardStream.output.write(Array((text + "\n").utf8)) }

  /// Bytes for the standard output. A reader that has gone away is no error.
  static func write(_ bytes: [UInt8]) throws {
    do throws(SystemError) {
      try StandardStream.output.write(bytes)
    } catch { if !error.isClosedPipe { throw fail("\(error)", .internalError) } }
  }

  /// A line for the standard error.
  static func complain(_ text: String) { try? StandardStream.error.write(Array((text + "\n").utf8)) }

  /// Ends a command with one of the documented codes.
  static func leave(_ code: RunEvents.ExitCode) -> ArgumentParser.ExitCode {
    ArgumentParser.ExitCode(code.rawValue)
  }

  /// Ends a command with a message.
  static func fail(_ message: String, _ code: RunEvents.ExitCode = .usage) -> ArgumentParser.ExitCode {
    complain("error: \(message)")
    return leave(code)
  }
}
