import LinkBroker
import PCIe

// A function among those of one device.
extension Function {
  /// Whether software can reach the function: a physical one always is there.
  var isPresent: Bool { virtual?.isPresent ?? true }

  /// Whether a TLP from above is for this function: its own ID, its completion, or an address of its own.
  func claims(_ tlp: FabricTLP) -> Bool {
    let header = tlp.header
    switch tlp.kind {
    case .configurationRead0, .configurationWrite0, .configurationRead1, .configurationWrite1:
      // Without ARI a device captures its bus number, so that only device and function tell functions apart.
      return header.destinationID.rawValue & 0xff == id.rawValue & 0xff
    case .completion, .completionWithData, .completionLocked, .completionLockedWithData:
      return header.requesterID == id
    case .memoryRead, .memoryWrite, .memoryReadLocked, .fetchAdd, .swap, .compareAndSwap:
      return windows.claim(header.address, bytes: header.lengthDW * 4, isIO: false) != nil
    case .message, .messageWithData: return header.messageRouting == .byID && header.destinationID == id
    default: return false
    }
  }

  /// Software has taken the virtual function away, or put it there: it starts anew.
  func restartVirtual(for model: some Endpoint, in fabric: inout Fabric) {
    intx = INTxState()
    resetConventionally(for: model, in: &fabric)
  }
}
