/// A TLP that crossed a link, decoded to the words a person reads.
///
/// The words are made where the TLP is known; whoever shows them only lays out columns.
public struct TLPRecord: Hashable, Sendable {
  /// The link's id.
  public var link: String
  /// The node at the sending end.
  public var source: String
  /// The node at the receiving end.
  public var target: String
  /// The mnemonic of the type, such as `MRd`, `CplD` or `Msg`.
  public var mnemonic: String
  /// The tag in hexadecimal without a prefix; nil for what carries none of interest.
  public var tag: String?
  /// The address, or the function and register of a configuration request.
  public var address: String?
  /// The completion status: `SC`, `UR`, `RRS` or `CA`.
  public var status: String?
  /// The bytes of payload, or those a read asks for.
  public var bytes: Int?
  /// What else is worth a word, such as `poisoned` or the name of a message.
  public var detail: String?
  /// The fault that touched it and its line in the suite, as one phrase.
  public var fault: String?

  /// Makes a record.
  public init(
    link: String, from source: String, to target: String, mnemonic: String, tag: String? = nil,
    address: String? = nil, status: String? = nil, bytes: Int? = nil, detail: String? = nil,
    fault: String? = nil
  ) {
    self.link = link
    self.source = source
    self.target = target
    self.mnemonic = mnemonic
    self.tag = tag
    self.address = address
    self.status = status
    self.bytes = bytes
    self.detail = detail
    self.fault = fault
  }
}
