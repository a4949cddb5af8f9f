public import PCIe

/// A BAR of a device program, with its address on either side of the wire.
///
/// The program takes the first address that it is given and keeps it; what software does with the register
/// that is kept for it, now and after resets, changes the other side only.
public struct WarpPipeWindow: Hashable, Sendable {
  public var bar: BarLayout
  /// Where the program decodes it.
  public var peerAddress: UInt32
  /// Where the fabric has it now; nil where it decodes nothing.
  public var address: UInt64?

  /// The program's address of one of the fabric's; nil when it lies outside.
  func peerAddress(of address: UInt64) -> UInt64? {
    guard let base = self.address, address >= base, address - base < bar.bytes else { return nil }
    return UInt64(peerAddress) + (address - base)
  }

  /// Places BARs below 4 GiB, the largest first, none at 0; nil when they do not fit.
  static func place(_ bars: [BarLayout]) -> [WarpPipeWindow]? {
    var windows: [WarpPipeWindow] = []
    var end: UInt64 = 1 << 32
    for bar in bars.sorted(by: { $0.bytes > $1.bytes }) {
      guard bar.bytes < end else { return nil }
      // A power of two, and so are all before, which are no smaller.
      end -= bar.bytes
      windows.append(WarpPipeWindow(bar: bar, peerAddress: UInt32(end)))
    }
    return windows.sorted { $0.bar.index < $1.bar.index }
  }
}
