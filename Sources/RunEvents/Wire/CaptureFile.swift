/// A file with what crossed the links of a case.
public struct CaptureFile: Hashable, Sendable {
  /// Where it is, relative to the folder of the run.
  public var file: String
  /// The TLPs and DLLPs in it.
  public var records: UInt64
  /// Those that are missing, because the capture's room was used up.
  public var lost: UInt64
  /// Why the file could not be written; nil when it could.
  public var problem: String?

  /// Makes the content of the event.
  public init(file: String, records: UInt64, lost: UInt64 = 0, problem: String? = nil) {
    self.file = file
    self.records = records
    self.lost = lost
    self.problem = problem
  }
}
