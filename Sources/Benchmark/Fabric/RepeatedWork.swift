import LinkBroker

/// Work that is repeated and not measured, for whoever counts its instructions from outside.
struct RepeatedWork {
  /// The words that name work on the command line.
  static let names = ["read", "write", "dma-write", "dma-read", "data-link"]

  let name: String
  let count: Int

  /// Performs the work on a path of its own.
  func perform() throws {
    let path = try MeasuredPath(name == "data-link" ? LayerFigures.dataLinkWithCRC : MeasuredPath.link)
    switch name {
    case "read", "data-link": path.readRoundTrips(count)
    case "dma-write": path.dmaWrites(count)
    case "dma-read": path.dmaReads(count)
    default: path.postedWrites(count)
    }
    precondition(path.endsClean(), "the work breaks no rule and leaves nothing behind")
  }

  /// Whether faults can strike in this build: the first TLP after arming one that drops everything is lost.
  static func hasHooks() throws -> Bool {
    let path = try MeasuredPath()
    path.arm([LinkFault(.drop, on: path.directions)])
    path.sendWrite()
    return path.strikeCount > 0
  }
}
