import Endpoints
import PCIe
import SuiteLanguage
import Transports

extension Transports.LinkDescription {
  /// The function that a suite gives to a program.
  ///
  /// Where a model has its MSI-X table, in the first BAR that is free, a program has it too.
  /// - Units: `maxPayloadBytes` is what the link above takes.
  init(_ function: FunctionDescription, maxPayloadBytes: Int) {
    let identity = function.identity
    var bars = function.bars.map(BarLayout.init)
    var msix: MSIX?
    if function.msixVectors > 0, let index = function.msixBarIndex {
      let own = MSIXCapability(vectorCount: function.msixVectors, alone: index)
      bars.append(own.ownBar)
      msix = MSIX(
        vectors: own.vectorCount, tableBar: own.tableBar, tableOffset: Int(own.tableOffset),
        pendingBar: own.pbaBar, pendingOffset: Int(own.pbaOffset))
    }
    self.init(
      identity: Identity(
        vendorID: identity.vendor ?? 0, deviceID: identity.device ?? 0,
        subsystemVendorID: identity.subsystemVendor ?? 0, subsystemID: identity.subsystemDevice ?? 0,
        classCode: identity.classCode ?? 0, revisionID: identity.revision ?? 0),
      interruptPin: 0, msiVectors: function.msiVectors, msix: msix, maxPayloadBytes: maxPayloadBytes,
      bars: bars.sorted { $0.index < $1.index })
  }
}
