public import PCIe

/// What a peer has to know of the registers that are kept for it.
public struct OutsideSettings: Hashable, Sendable {
  /// The addresses of BAR 0 to 5, nil where none decodes.
  public var barAddresses: [UInt64?] = Array(repeating: nil, count: 6)
  public var id = FunctionAddress(rawValue: 0)
  /// - Units: bytes.
  public var maxPayloadBytes = 128
  /// - Units: bytes.
  public var maxReadRequestBytes = 512
  /// - Units: bytes.
  public var readCompletionBoundary = 64
  /// How many requests may be outstanding.
  public var tagCount = 32
  public var isBusMasterEnabled = true
  public var isMSIXEnabled = false
  /// The MSI vectors that software lets the function use; 0 while MSI is off.
  ///
  /// - Source: PCI Express Base 5.0, 7.7.1.2 "Message Control Register for MSI".
  public var msiVectors = 0
  public var isINTxDisabled = false
  public var isLinkUp = true

  /// The settings of a peer that keeps its registers itself.
  public init() {}
}
