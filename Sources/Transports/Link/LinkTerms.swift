import CPCIeLink
public import LinkBroker
import PCIe
public import Simulation

/// How a link to an outside program begins.
public struct LinkTerms: Hashable, Sendable {
  /// Slots of 64 bytes in each ring, a power of two.
  public var slots = 256
  /// How long the program waits for a completion, and for room in a full ring, unless it says otherwise.
  ///
  /// It waits by the real clock: a busy machine keeps a program from its processor for tens of milliseconds
  /// now and then, and nothing is lost by that. So it is far above what a device would take.
  public var completionTimeout = VirtualDuration.seconds(1)
  /// What software has set in the program's function so far.
  public var settings: OutsideSettings
  /// What the program's function is, where it does not say so itself.
  public var description: LinkDescription?

  /// Terms with the defaults.
  public init(_ settings: OutsideSettings) { self.settings = settings }
}

extension pcie_link_function {
  /// What a program is told of its function.
  init(_ settings: OutsideSettings) {
    self.init()
    func address(_ index: Int) -> UInt64 { settings.barAddresses[index] ?? 0 }
    bar_addresses = (address(0), address(1), address(2), address(3), address(4), address(5))
    requester_id = settings.id.rawValue
    max_payload = UInt16(clamping: settings.maxPayloadBytes)
    max_read_request = UInt16(clamping: settings.maxReadRequestBytes)
    completion_boundary = UInt16(clamping: settings.readCompletionBoundary)
    tags = UInt16(clamping: settings.tagCount)
    for (index, address) in settings.barAddresses.enumerated() where address != nil {
      bars_enabled |= 1 << UInt8(index)
    }
    bus_master = settings.isBusMasterEnabled ? 1 : 0
    msix_enabled = settings.isMSIXEnabled ? 1 : 0
    msi_enabled = settings.msiVectors > 0 ? 1 : 0
    msi_vectors = UInt8(clamping: settings.msiVectors)
    intx_disabled = settings.isINTxDisabled ? 1 : 0
    link_up = settings.isLinkUp ? 1 : 0
  }
}
