import PCIe

/// What makes a function a virtual one: the physical function that it belongs to, and its number there.
///
/// - Source: PCI Express Base 5.0, 9.2.1.2 "VF Discovery" and 9.3.3 "SR-IOV Extended Capability".
struct VirtualPlace {
  let physical: Function
  /// From 1 on.
  let number: Int

  var settings: VirtualFunctionSettings? { physical.space.virtualFunctions }

  /// Whether software has enabled the function.
  var isPresent: Bool { number <= settings?.count ?? 0 }

  var id: FunctionAddress {
    settings.map { $0.id(ofFunction: number, of: physical.id) } ?? FunctionAddress(rawValue: 0)
  }

  /// All functions have their BARs one behind the other, at least a system page apart.
  func address(of bar: BarLayout) -> UInt64 {
    let stride = max(bar.bytes, settings?.pageBytes ?? 0)
    return physical.space.addressOfVirtual(bar) &+ UInt64(number - 1) &* stride
  }

  /// The token of the timer of the function's own requests, which no model has.
  var timerToken: UInt64 { 1 << 63 | UInt64(number) }
}
