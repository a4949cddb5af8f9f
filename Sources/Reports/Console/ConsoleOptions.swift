/// How the console report looks.
public struct ConsoleOptions: Hashable, Sendable {
  /// The size of the terminal that is redrawn; nil for plain lines without redrawing.
  public var terminal: TerminalSize?
  /// Whether words have colour too.
  public var hasColor: Bool
  /// The folder of the run, to which the captures are relative.
  public var outputDirectory: String?

  /// Makes options; plain lines without colour when nothing else is said.
  public init(terminal: TerminalSize? = nil, hasColor: Bool = false, outputDirectory: String? = nil) {
    self.terminal = terminal
    self.hasColor = hasColor
    self.outputDirectory = outputDirectory
  }
}

/// The size of a terminal.
public struct TerminalSize: Hashable, Sendable {
  /// The columns of a line.
  public var columns: Int
  /// The lines.
  public var rows: Int

  /// Makes a size; what a terminal does not tell is taken as 80 by 24.
  public init(columns: Int, rows: Int) {
    self.columns = columns > 0 ? columns : 80
    self.rows = rows > 0 ? rows : 24
  }
}
