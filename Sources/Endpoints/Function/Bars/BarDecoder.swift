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
}

/// The address ranges that a function claims now, decoded whenever its configuration space is written.
///
/// - Complexity: a look-up is at most six comparisons and allocates nothing.
struct BarDecoder: Sendable {
  private var windows = InlineArray<6, BarWindow>(repeating: BarWindow())
  private var count = 0

  /// Decodes base address registers and the enables of the Command register.
  mutating func decode(_ space: borrowing ConfigurationSpace, interruptBars: [Int], atomicBars: [Int]) {
    count = 0
    for bar in space.header.bars where space.isDecoding(bar) {
      windows[count] = BarWindow(
        base: space.address(of: bar), bytes: bar.bytes, index: Int32(truncatingIfNeeded: bar.index),
        isIO: bar.isIO, holdsInterruptTable: interruptBars.contains(bar.index),
        allowsAtomics: atomicBars.contains(bar.index))
      count += 1
    }
  }

  /// The window that holds all DWs of a request; a request that leaves its window is nobody's.
  func claim(_ address: UInt64, bytes: Int, isIO: Bool) -> BarWindow? {
    for index in 0..<count where windows[index].isIO == isIO {
      let offset = address &- windows[index].base
      let size = windows[index].bytes
      if offset < size, UInt64(truncatingIfNeeded: bytes) <= size - offset { return windows[index] }
    }
    return nil
  }
}
