/// The MSI-X capability.
///
/// - Layout: 12 bytes; the table (16 bytes a vector) and the PBA (8 bytes for 64 vectors) stand in BARs.
/// - Source: PCI Express Base 5.0, 7.7.2 "MSI-X Capability and Table Structure".
public struct MSIXCapability: Capability, Hashable {
  public static let id = CapabilityID.msix
  public static let name = "MSI-X"
  /// The whole length.
  public var byteCount: Int { 12 }

  /// 1 to 2048.
  public var vectorCount: Int
  public var tableBar: Int
  /// - Units: bytes from the start of the BAR, a multiple of 8.
  public var tableOffset: UInt32
  public var pbaBar: Int
  public var pbaOffset: UInt32

  public init(vectorCount: Int, tableBar: Int, tableOffset: UInt32, pbaBar: Int, pbaOffset: UInt32) {
    self.vectorCount = vectorCount
    self.tableBar = tableBar
    self.tableOffset = tableOffset
    self.pbaBar = pbaBar
    self.pbaOffset = pbaOffset
  }

  /// The length of the table.
  public var tableBytes: Int { vectorCount * 16 }
  /// The length of the pending bit array.
  public var pbaBytes: Int { (vectorCount + 63) / 64 * 8 }

  @usableFromInline
  enum Control {
    @usableFromInline static let functionMask: UInt16 = 1 << 14
    @usableFromInline static let enable: UInt16 = 1 << 15
  }

  /// Checks the fields.
  public func validate(in header: HeaderLayout) throws(ConfigurationSpaceError) {
    try require(vectorCount, in: 1...2048, Self.name, "vectors")
    try check("table", bar: tableBar, offset: tableOffset, bytes: tableBytes, in: header)
    try check("pending bit array", bar: pbaBar, offset: pbaOffset, bytes: pbaBytes, in: header)
    if tableBar == pbaBar {
      let table = UInt64(tableOffset)..<UInt64(tableOffset) + UInt64(tableBytes)
      let pending = UInt64(pbaOffset)..<UInt64(pbaOffset) + UInt64(pbaBytes)
      guard !table.overlaps(pending) else { throw .structuresOverlap(name: Self.name, bar: tableBar) }
    }
  }

  private func check(
    _ structure: String, bar: Int, offset: UInt32, bytes: Int, in header: HeaderLayout
  ) throws(ConfigurationSpaceError) {
    guard let layout = header.bars.first(where: { $0.index == bar }), !layout.isIO else {
      throw .noSuchBar(name: Self.name, structure: structure, bar: bar)
    }
    guard offset % 8 == 0 else {
      throw .fieldMisaligned(name: Self.name, field: "\(structure) offset", value: Int(offset), alignment: 8)
    }
    let end = UInt64(offset) + UInt64(bytes)
    guard end <= layout.bytes else {
      throw .outsideBar(name: Self.name, structure: structure, bar: bar, end: end, barBytes: layout.bytes)
    }
  }

  /// Describes the registers.
  public func install(in block: inout RegisterBlock) {
    block.word(2, UInt16(vectorCount - 1), writable: Control.functionMask | Control.enable)
    block.doubleWord(4, tableOffset | UInt32(tableBar))
    block.doubleWord(8, pbaOffset | UInt32(pbaBar))
  }
}

extension ConfigurationSpace {
  /// Whether software has switched MSI-X on.
  @inlinable
  public var isMSIXEnabled: Bool {
    guard let place = places.msix else { return false }
    return word(place + 2) & MSIXCapability.Control.enable != 0
  }

  /// Whether the function mask holds back every vector.
  @inlinable
  public var isMSIXFunctionMasked: Bool {
    guard let place = places.msix else { return false }
    return word(place + 2) & MSIXCapability.Control.functionMask != 0
  }
}
