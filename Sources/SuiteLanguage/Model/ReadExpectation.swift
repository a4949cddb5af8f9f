/// What a read must give.
public struct ReadExpectation: Hashable, Sendable {
  /// Successful unless the suite names another.
  public var status: ExpectedStatus
  /// The bytes that must come; nil compares none.
  public var data: DataSource?
  /// Bits to compare, as long as the data; nil compares all.
  public var mask: [UInt8]?
  /// The name under which what has come is kept.
  public var save: String?

  public init(status: ExpectedStatus = .successful, data: DataSource? = nil, mask: [UInt8]? = nil) {
    self.status = status
    self.data = data
    self.mask = mask
  }
}
