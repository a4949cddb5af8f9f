import PCIe
import Simulation

// The file: a section header, an interface for each link, the records, a statistic for each link.
extension LinkCapture {
  /// What is handed on at once.
  private static let pieceBytes = 256 << 10

  /// Hands the file on in large pieces.
  ///
  /// - Complexity: linear in its size; most of it is not copied.
  public func write<Failure: Error>(into sink: (ArraySlice<UInt8>) throws(Failure) -> Void) throws(Failure) {
    var piece = PcapngWriter()
    piece.sectionHeader(settings)
    for interface in settings.interfaces {
      piece.interface(interface, snapLength: settings.snapLength)
    }
    var copied = 0
    var next = comments.startIndex
    while copied < used {
      let block = next < comments.endIndex ? comments[next].offset : used
      if block - copied >= Self.pieceBytes {
        try sink(piece.bytes[...])
        piece.bytes.removeAll(keepingCapacity: true)
        try sink(bytes[copied..<block])
      } else {
        piece.bytes += bytes[copied..<block]
      }
      copied = block
      guard block < used else { break }
      var texts: [String] = []
      while next < comments.endIndex, comments[next].offset == block {
        texts.append(comments[next].text)
        next += 1
      }
      copied += length(at: block)
      piece.commented(bytes[block..<copied], texts)
      if piece.bytes.count >= Self.pieceBytes {
        try sink(piece.bytes[...])
        piece.bytes.removeAll(keepingCapacity: true)
      }
    }
    for (link, count) in countByLink.enumerated() {
      piece.statistics(link: link, end: end, received: count + lostByLink[link], lost: lostByLink[link])
    }
    try sink(piece.bytes[...])
  }

  /// The whole file at once, for small ones.
  public var file: [UInt8] {
    var all: [UInt8] = []
    write { all += $0 }
    return all
  }
}
