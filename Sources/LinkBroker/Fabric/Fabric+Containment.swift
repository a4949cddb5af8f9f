public import PCIe

extension Fabric {
  /// Takes a link down, as the next thing that happens, and holds it there.
  ///
  /// - Parameter status: how requests for what is below end meanwhile.
  /// - Source: PCI Express Base 5.0, 2.9.3 "Transaction Layer Behavior During Downstream Port Containment".
  public mutating func contain(link: Int, completing status: CompletionStatus) {
    links[link].containment = status
    order(.disabled, link: link)
  }

  /// Lets a link come up again, when it is told to.
  public mutating func endContainment(ofLink link: Int) { links[link].containment = nil }

  /// Has every TLP that starts at one end of a link carry a digest, or none.
  ///
  /// - Source: PCI Express Base 5.0, 7.8.4.7, ECRC Generation Enable.
  public mutating func setDigests(_ isOn: Bool, ofLink link: Int, downstream: Bool) {
    let direction = link * 2 + (downstream ? 0 : 1)
    if isOn {
      directions[direction].hooks.insert(.digests)
    } else {
      directions[direction].hooks.remove(.digests)
    }
  }
}
