public import PCIe

extension BridgeFunction {
  /// Does to the link below what a write to this downstream port's registers orders.
  ///
  /// - Returns: the messages to send to the root complex.
  /// - Source: PCI Express Base 5.0, 6.6.1 (secondary bus reset), 7.5.3.7 (Link Disable), 7.8.4.7 (ECRC),
  ///   6.2.10 (containment).
  public mutating func control(
    _ link: Int, _ write: ConfigurationWrite, in fabric: inout Fabric
  ) -> [ErrorMessage] {
    if let isReset = resetChange(write) {
      if isReset || !space.isLinkDisabled { fabric.order(isReset ? .hotReset : .up, link: link) }
    }
    if let isDisabled = linkDisableChange(write) {
      fabric.order(isDisabled ? .disabled : .up, link: link)
    }
    if space.changesDigestGeneration(write) {
      fabric.setDigests(space.generatesDigests, ofLink: link, downstream: true)
    }
    return controlContainment(link, write, in: &fabric)
  }

  /// Shows the state of the link below in this downstream port's registers.
  ///
  /// Neither a hot reset nor a link that software or containment has disabled is a surprise.
  /// - Returns: the messages to send to the root complex.
  /// - Source: PCI Express Base 5.0, 3.2.1 "Data Link Control and Management State Machine Rules".
  public mutating func show(_ change: LinkChange, of link: Int, in fabric: inout Fabric) -> [ErrorMessage] {
    let configuration = fabric.configuration(ofLink: link)
    space.setLink(speed: configuration.speed, width: configuration.width, isActive: change == .up)
    space.setPresence(change != .surpriseDown)
    guard change == .surpriseDown, space.reportsSurpriseDown else { return [] }
    return detect(.surpriseDown, isAdvisoryCase: false, link: link, in: &fabric)
  }
}
