import Simulation

/// A READ, WRITE or COPY that the DMA endpoint performs piece by piece.
struct DMATransfer: Sendable {
  enum Kind: Sendable {
    case read
    case write
    case copy

    var done: DMAStatus {
      switch self {
      case .read: .readDone
      case .write: .writeDone
      case .copy: .copyDone
      }
    }

    var failed: DMAStatus { DMAStatus(rawValue: done.rawValue << 1) }
  }

  /// The bytes that one piece has; bounds what waits on the link at a time.
  static let pieceBytes = 16384

  var kind: Kind
  var source: UInt64
  var target: UInt64
  var size: Int
  var moved = 0
  var checksum = Checksum()
  /// The read that is under way.
  var operation: RequestOperation?

  var nextCount: Int { min(size - moved, Self.pieceBytes) }
  var isComplete: Bool { moved == size }
}
