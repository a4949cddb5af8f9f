import PCIe
import Simulation

/// What a link is doing.
///
/// - Source: PCI Express Base 5.0, 3.2.1 "Data Link Control and Management State Machine".
public enum LinkState: Hashable, Sendable {
  case up
  case down
  /// Coming up again: nothing passes until training is done.
  case training
}

/// Both directions of a link and what they share.
struct Link: Sendable {
  var configuration: LinkConfiguration
  var state = LinkState.up
  /// Told apart so that a training that was cut short does not bring the link up.
  var trainings: UInt64 = 0
  /// A node at one of its ends is gone for good.
  var isSevered = false
  /// The port above holds the link down; how requests for what is below end meanwhile.
  var containment: CompletionStatus?
  /// The two ends, upstream component first.
  let upstream: FabricPort
  let downstream: FabricPort
  /// Requests that the link can no longer carry and that end as unsupported requests at the upstream port.
  var aborted: [TLPHeader] = []

  init(configuration: LinkConfiguration, upstream: FabricPort, downstream: FabricPort) {
    self.configuration = configuration
    self.upstream = upstream
    self.downstream = downstream
  }
}

extension Link {
  /// From the order to come up until the first TLP may pass.
  ///
  /// A choice of this model: real links take from some microseconds to 24 ms per training state.
  /// - Source: PCI Express Base 5.0, 4.2.6 "Link Training and Status State Rules" for the order of magnitude.
  static let trainingTime = VirtualDuration.milliseconds(1)

  /// How long a link in Recovery carries nothing.
  ///
  /// A choice of this model: real links take some microseconds without equalization.
  /// - Source: PCI Express Base 5.0, 4.2.6.4 "Recovery".
  static let recoveryTime = VirtualDuration.microseconds(10)
}
