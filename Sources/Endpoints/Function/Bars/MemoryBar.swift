public import PCIe

/// A BAR that is memory, and what it holds at first.
public struct MemoryBar: Hashable, Sendable {
  public var layout: BarLayout
  public var isWritable: Bool
  /// The bytes from its start; zeros follow.
  public var contents: [UInt8]

  public init(_ layout: BarLayout, isWritable: Bool = true, contents: [UInt8] = []) {
    self.layout = layout
    self.isWritable = isWritable
    self.contents = contents
  }

  /// A BAR that counts up from 0x10 byte by byte, over at most its first 4 KiB.
  public static func counting(_ layout: BarLayout, isWritable: Bool = false) -> MemoryBar {
    let count = Int(min(layout.bytes, 4096))
    return MemoryBar(
      layout, isWritable: isWritable, contents: (0..<count).map { UInt8(truncatingIfNeeded: 0x10 + $0) })
  }
}
