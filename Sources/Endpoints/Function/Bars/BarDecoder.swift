import PCIe

/// An enabled address range of a function.
struct BarWindow: Sendable {
  var base: UInt64 = 0
  var bytes: UInt64 = 0
  var index: Int32 = 0
  var isIO = false
  /// MSI-X table or pending bits stand in it.
  var holdsInterruptTable = false
  var allowsAtomics = false

  /// Whether all of a range lies inside; an empty window holds nothing.
  func holds(_ address: UInt64, bytes count: Int, isIO: Bool) -> Bool {
    let offset = address &- base
    return offset < bytes && UInt64(truncatingIfNeeded: count) <= bytes - offset && self.isIO == isIO
  }
}

/// The address ranges that a function claims now, decoded whenever its configuration space is written.
///
/// - Complexity: a look-up is at most six comparisons and allocates nothing.
struct BarDecoder: Sendable {
  private var windows: [BarWindow] = []

  init() {}

  /// Decodes base address registers and the enables of the Command register.
  init(_ space: borrowing ConfigurationSpace, interruptBars: [Int], atomicBars: [Int]) {
    for bar in space.header.bars where space.isDecoding(bar) {
      windows.append(
        BarWindow(
          base: space.address(of: bar), bytes: bar.bytes, index: Int32(truncatingIfNeeded: bar.index),
          isIO: bar.isIO, holdsInterruptTable: interruptBars.contains(bar.index),
          allowsAtomics: atomicBars.contains(bar.index)))
    }
  }

  /// Decodes the base addresses that the physical function gives a virtual one.
  init(_ place: VirtualPlace, _ space: borrowing ConfigurationSpace, interruptBars: [Int]) {
    guard place.isPresent, place.settings?.decodesMemory == true else { return }
    for bar in space.header.bars {
      windows.append(
        BarWindow(
          base: place.address(of: bar), bytes: bar.bytes, index: Int32(truncatingIfNeeded: bar.index),
          holdsInterruptTable: interruptBars.contains(bar.index)))
    }
  }

  /// The window that holds all DWs of a request; a request that leaves its window is nobody's.
  func claim(_ address: UInt64, bytes: Int, isIO: Bool) -> BarWindow? {
    windows.first { $0.holds(address, bytes: bytes, isIO: isIO) }
  }
}
