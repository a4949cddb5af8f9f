public import PCIe

extension BridgeFunction {
  /// Does to the link below what a write to this downstream port's registers orders.
  ///
  /// - Source: PCI Express Base 5.0, 6.6.1 (secondary bus reset), 7.5.3.7 (Link Disable).
  public func control(_ link: Int, _ write: ConfigurationWrite, in fabric: inout Fabric) {
    if let isReset = resetChange(write) {
      if isReset || !space.isLinkDisabled { fabric.order(isReset ? .hotReset : .up, link: link) }
    }
    if let isDisabled = linkDisableChange(write) {
      fabric.order(isDisabled ? .disabled : .up, link: link)
    }
  }

  /// Shows the state of the link below in this downstream port's registers.
  ///
  /// - Returns: the messages to send to the root complex.
  public mutating func show(_ change: LinkChange, of link: Int, in fabric: inout Fabric) -> [ErrorMessage] {
    let configuration = fabric.configuration(ofLink: link)
    space.setLink(speed: configuration.speed, width: configuration.width, isActive: change == .up)
    space.setPresence(change != .surpriseDown)
    guard change == .surpriseDown else { return [] }
    return space.log(.surpriseDown)
  }
}
