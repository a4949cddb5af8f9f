import LinkBroker
import PCIe

extension Enumerator {
  /// Switches on what drivers expect: decoding, bus mastering, payload sizes, error reporting, interrupts.
  mutating func enable(in fabric: inout Fabric) throws(EnumerationError) {
    for top in functions.filter({ $0.parent == nil }) {
      let below = functions.filter { $0.address == top.address || top.leads(toBus: $0.address.bus) }
      try enable(below, below: top.address, in: &fabric)
    }
  }

  /// Switches on some functions, a root port and what is below it.
  func enable(
    _ functions: [DiscoveredFunction], below top: FunctionAddress, in fabric: inout Fabric
  ) throws(EnumerationError) {
    let bytes = try maxPayload(of: functions, below: top, in: &fabric)
    host.keepPayload(bytes, below: top)
    for function in functions { try enable(function, maxPayloadBytes: bytes, in: &fabric) }
  }

  /// The largest payload that every link and every function below a root port can take.
  ///
  /// - Source: PCI Express Base 5.0, 7.5.3.4: software sees that no function sends more than the others take.
  private func maxPayload(
    of functions: [DiscoveredFunction], below top: FunctionAddress, in fabric: inout Fabric
  ) throws(EnumerationError) -> Int {
    var bytes = host.linkPayloadBytes(below: top, in: fabric)
    for function in functions {
      guard let place = function.capabilities[CapabilityID.express.rawValue] else { continue }
      let offset = place + ExpressCapability.Register.deviceCapabilities
      bytes = min(bytes, 128 << Int(try read(function.address, offset, 4, in: &fabric) & 7))
    }
    return bytes
  }

  private func enable(
    _ function: DiscoveredFunction, maxPayloadBytes: Int, in fabric: inout Fabric
  ) throws(EnumerationError) {
    let address = function.address
    if let place = function.capabilities[CapabilityID.express.rawValue] {
      try enableDevice(function, place, maxPayloadBytes, in: &fabric)
    }
    if let place = function.extendedCapabilities[ExtendedCapabilityID.advancedErrorReporting.rawValue] {
      // Every kind of error is to be seen; advisory ones come up masked.
      try write(address, place + AdvancedErrorReportingCapability.Register.correctableMask, 4, 0, in: &fabric)
      if function.parent == nil, function.isBridge {
        try write(
          address, place + AdvancedErrorReportingCapability.Register.rootErrorCommand, 4, 7, in: &fabric)
      }
    }
    if let place = function.capabilities[CapabilityID.msi.rawValue] {
      try setUpMSI(function, place, in: &fabric)
    }
    if function.isBridge {
      let control = UInt32(BridgeControlBits.serrEnable.rawValue)
      try write(address, HeaderRegister.bridgeControl, 2, control, in: &fabric)
    }
    let command: CommandBits = [.ioEnable, .memoryEnable, .busMasterEnable]
    try write(address, HeaderRegister.command, 2, UInt32(command.rawValue), in: &fabric)
    if let place = function.capabilities[CapabilityID.msix.rawValue] {
      try setUpMSIX(function, place, in: &fabric)
    }
  }

  /// Sets payload and read request size, extended tags where the function has them, and all error reports.
  private func enableDevice(
    _ function: DiscoveredFunction, _ place: Int, _ maxPayloadBytes: Int, in fabric: inout Fabric
  ) throws(EnumerationError) {
    typealias Register = ExpressCapability.Register
    let capabilities = try read(function.address, place + Register.deviceCapabilities, 4, in: &fabric)
    var control = try read(function.address, place + Register.deviceControl, 2, in: &fabric)
    control = control & ~(7 << 5) | UInt32(maxPayloadBytes.trailingZeroBitCount - 7) << 5
    control = control & ~(7 << 12) | 2 << 12
    if capabilities & 1 << 5 != 0 { control |= 1 << 8 }
    try write(function.address, place + Register.deviceControl, 2, control | 0xf, in: &fabric)
  }

  /// Gives all vectors an address and data; enabled only where the function has no MSI-X.
  private func setUpMSI(
    _ function: DiscoveredFunction, _ place: Int, in fabric: inout Fabric
  ) throws(EnumerationError) {
    let control = try read(function.address, place + 2, 2, in: &fabric)
    // 6 and 7 are reserved; a function that shows them gets the most there can be.
    let log2Count = min(control >> 1 & 7, 5)
    guard let message = host.messages(for: function.address, .msi, vectors: 1 << log2Count).first else {
      return
    }
    try write(function.address, place + 4, 4, UInt32(truncatingIfNeeded: message.address), in: &fabric)
    let isWide = control & 1 << 7 != 0
    if isWide {
      try write(
        function.address, place + 8, 4, UInt32(truncatingIfNeeded: message.address >> 32), in: &fabric)
    }
    try write(function.address, place + (isWide ? 12 : 8), 2, message.data, in: &fabric)
    let isAlone = function.capabilities[CapabilityID.msix.rawValue] == nil
    try write(function.address, place + 2, 2, log2Count << 4 | (isAlone ? 1 : 0), in: &fabric)
  }

  /// Writes the table by quadwords, as software must, and enables the function's vectors.
  ///
  /// - Source: PCI Express Base 5.0, 7.7.2.5 to 7.7.2.8 "MSI-X Table Entry".
  private func setUpMSIX(
    _ function: DiscoveredFunction, _ place: Int, in fabric: inout Fabric
  ) throws(EnumerationError) {
    let control = try read(function.address, place + 2, 2, in: &fabric)
    let table = try read(function.address, place + 4, 4, in: &fabric)
    let vectors = Int(control & 0x7ff) + 1
    guard let bar = function.bar(Int(table & 7)) else { return }
    let start = bar.address + UInt64(table & ~7)
    let messages = host.messages(for: function.address, .msix, vectors: vectors)
    for (vector, message) in messages.enumerated() {
      let entry = start + UInt64(vector) * 16
      _ = host.write(address: entry, data: Self.quadword(message.address), in: &fabric)
      _ = host.write(address: entry + 8, data: Self.quadword(UInt64(message.data)), in: &fabric)
      // A read comes back behind the writes before it: never more than a lot of them wait for the link.
      if vector % Self.vectorsPerLot == Self.vectorsPerLot - 1, vector + 1 < vectors {
        _ = try read(function.address, place + 2, 2, in: &fabric)
      }
    }
    try write(function.address, place + 2, 2, control & 0x3fff | 1 << 15, in: &fabric)
    host.watchMasks(of: function.address, table: start, vectors: vectors, control: place + 2)
  }

  private static let vectorsPerLot = 64

  private static func quadword(_ value: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
