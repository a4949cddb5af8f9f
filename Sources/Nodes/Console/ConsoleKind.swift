/// How a node's console is connected.
public enum ConsoleKind: Hashable, Sendable {
  /// Standard input, output and errors of the program are pipes.
  case pipe
  /// They are a terminal of the program's own.
  case terminal
  /// The program opens a terminal by its path; what it prints itself is taken for console lines too.
  case device
}
