import LinkBroker

/// Which captures of cases are kept.
public enum CaptureChoice: String, CaseIterable, Hashable, Sendable {
  /// Nothing is captured.
  case none
  /// Those of tries that fail or cannot be run.
  case failed
  /// All.
  case all
}

/// What is captured in a run, and where it is kept.
public struct CaptureRequest: Hashable, Sendable {
  /// The most bytes kept of each record, its pseudo-header included; zero keeps all.
  public var snapLength: Int
  /// The most memory that the capture of a case takes.
  ///
  /// - Units: bytes.
  public var bytesMax: Int
  /// The folder of the run.
  public var folder: String
  /// Whether captures of cases that pass are kept too.
  public var keepsPassed: Bool

  /// The smallest snap length other than zero: no header is ever cut.
  ///
  /// - Units: bytes.
  public static let snapLengthMin = CaptureSettings.snapLengthMin

  /// Makes a request.
  ///
  /// - Units: bytes.
  public init(folder: String, keepsPassed: Bool, snapLength: Int, bytesMax: Int) {
    self.folder = folder
    self.keepsPassed = keepsPassed
    self.snapLength = snapLength
    self.bytesMax = bytesMax
  }

  /// The words that tell a worker.
  var arguments: [String] {
    ["--capture", keepsPassed ? "all" : "failed", "\(snapLength)", "\(bytesMax)", folder]
  }

  /// Reads what `arguments` gives; nil for anything else.
  init?(_ arguments: [String]) {
    guard let start = arguments.firstIndex(of: "--capture"), arguments.count >= start + 5,
      let snapLength = Int(arguments[start + 2]), let bytesMax = Int(arguments[start + 3])
    else { return nil }
    self.init(
      folder: arguments[start + 4], keepsPassed: arguments[start + 1] == "all", snapLength: snapLength,
      bytesMax: bytesMax)
  }
}

/// The captures of one try of a case.
struct CaseCapture: Hashable, Sendable {
  var request: CaptureRequest
  /// The place of the case in the run, as events tell it.
  var number: Int
}
