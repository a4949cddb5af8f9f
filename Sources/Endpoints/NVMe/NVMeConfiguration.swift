import PCIe
import Simulation

/// What an NVMe controller shows; by default one namespace of 16 MiB in memory.
public struct NVMeConfiguration {
  /// Not 0x0001, which says "not ready yet" to software: PCI Express Base 5.0, 2.3.2.
  public var vendorID: UInt16 = 0x16c3
  public var deviceID: UInt16 = 0x0803
  /// Mass storage, non-volatile memory, NVM Express I/O controller.
  public var classCode: UInt32 = 0x01_0802
  public var revisionID: UInt8 = 0
  public var subsystemVendorID: UInt16 = 0
  public var subsystemID: UInt16 = 0
  /// The vectors of MSI-X; the table takes BAR2.
  public var msixVectorCount = 9
  /// The pairs of I/O queues that software may create.
  public var queueCount = 8
  /// By namespace ID, which counts from 1.
  public var namespaces: [NVMeNamespace]
  /// Decides serial number and identifiers.
  public var seed: UInt64 = 0

  /// The defaults.
  public init() {
    namespaces = [NVMeNamespace(storage: MemoryStorage(byteCount: 16 << 20))]
  }
}

extension NVMeConfiguration {
  /// The doorbells of so many queues stand behind the registers.
  static let registerBytes: UInt64 = 16384
  static let queuesMax = 255

  var function: FunctionConfiguration {
    let registers = BarLayout(
      index: 0, bytes: Self.registerBytes, kind: .memory64(prefetchable: false))
    var function = FunctionConfiguration(
      header: HeaderLayout(
        vendorID: vendorID, deviceID: deviceID, classCode: classCode, revisionID: revisionID,
        subsystemVendorID: subsystemVendorID, subsystemID: subsystemID, bars: [registers]))
    function.device.maxPayloadBytes = 4096
    function.msix = MSIXLayout(vectorCount: msixVectorCount)
    return function
  }

  /// - Throws: what is out of range.
  func check() throws(EndpointError) {
    guard 1...2048 ~= msixVectorCount else { throw .vectorCount(msixVectorCount, allowed: 1...2048) }
    guard 1...Self.queuesMax ~= queueCount else {
      throw .resource("pairs of I/O queues", queueCount, allowed: 1...Self.queuesMax)
    }
    guard 1...256 ~= namespaces.count else {
      throw .resource("namespaces", namespaces.count, allowed: 1...256)
    }
    for namespace in namespaces {
      guard [512, 4096].contains(namespace.blockBytes) else {
        throw .resource("bytes in a block", namespace.blockBytes, allowed: 512...4096)
      }
      guard namespace.blockCount > 0 else {
        throw .resource("blocks in a namespace", 0, allowed: 1...Int.max)
      }
    }
  }
}
