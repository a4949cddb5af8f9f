extension ExpressCapability {
  /// What the link registers announce.
  ///
  /// - Source: PCI Express Base 5.0, 7.5.3.6 to 7.5.3.8 and 7.5.3.18 to 7.5.3.20.
  public struct LinkFeatures: Hashable, Sendable {
    public var maxSpeed: LinkSpeed
    /// 1, 2, 4, 8, 12, 16 or 32 lanes.
    public var maxWidth: Int
    public var portNumber: UInt8
    public var reportsSurpriseDown: Bool

    public init(
      maxSpeed: LinkSpeed = .gt8, maxWidth: Int = 4, portNumber: UInt8 = 0, reportsSurpriseDown: Bool = true
    ) {
      self.maxSpeed = maxSpeed
      self.maxWidth = maxWidth
      self.portNumber = portNumber
      self.reportsSurpriseDown = reportsSurpriseDown
    }
  }

  /// What a slot behind a downstream port announces.
  ///
  /// - Source: PCI Express Base 5.0, 7.5.3.9 to 7.5.3.11.
  public struct SlotFeatures: Hashable, Sendable {
    public var number: UInt16
    public var isHotPlugCapable: Bool
    public var allowsSurpriseRemoval: Bool
    /// - Units: watts, 0 to 239 (the scale of 1.0).
    public var powerLimitWatts: UInt8

    public init(
      number: UInt16, isHotPlugCapable: Bool = false, allowsSurpriseRemoval: Bool = false,
      powerLimitWatts: UInt8 = 25
    ) {
      self.number = number
      self.isHotPlugCapable = isHotPlugCapable
      self.allowsSurpriseRemoval = allowsSurpriseRemoval
      self.powerLimitWatts = powerLimitWatts
    }
  }
}

extension ExpressCapability.LinkFeatures {
  typealias Register = ExpressCapability.Register

  func install(in block: inout RegisterBlock, portType: ExpressCapability.PortType) {
    let optionalityCompliance: UInt32 = 1 << 22
    var capabilities = UInt32(maxSpeed.rawValue) | UInt32(maxWidth) << 4 | optionalityCompliance
    capabilities |= UInt32(portNumber) << 24
    if portType.isDownstream {
      // Link active reporting and bandwidth notification are required above 5 GT/s.
      capabilities |= 1 << 20 | 1 << 21
      if reportsSurpriseDown { capabilities |= 1 << 19 }
    }
    block.doubleWord(Register.linkCapabilities, capabilities)

    // ASPM, common clock and extended synch, and the width control; RCB is software's only in an endpoint.
    var control: UInt16 = 0x0003 | 0x0040 | 0x0080 | 0x0200
    if portType == .endpoint || portType == .legacyEndpoint { control |= 0x0008 }
    if portType.isDownstream { control |= 0x0010 | 0x0c00 }
    block.word(Register.linkControl, writable: control, keptByFunctionReset: control)
    let trained = UInt16(maxSpeed.rawValue) | UInt16(maxWidth) << 4
    block.word(
      Register.linkStatus, trained | 1 << 12 | (portType.isDownstream ? 1 << 13 : 0),
      clearable: portType.isDownstream ? 0xc000 : 0, keptByFunctionReset: .max)

    let speeds = (UInt32(1) << (UInt32(maxSpeed.rawValue) + 1)) - 2
    block.doubleWord(Register.linkCapabilities2, speeds)
    let control2: UInt16 = 0xffbf
    block.word(Register.linkControl2, UInt16(maxSpeed.rawValue), writable: control2, sticky: control2)
  }
}

extension ExpressCapability.SlotFeatures {
  func install(in block: inout RegisterBlock) {
    typealias Register = ExpressCapability.Register
    var capabilities = UInt32(powerLimitWatts) << 7 | UInt32(number) << 19
    if allowsSurpriseRemoval { capabilities |= 1 << 5 }
    if isHotPlugCapable { capabilities |= 1 << 6 }
    // No command is ever completed late: software need not wait for it.
    capabilities |= 1 << 18
    block.doubleWord(Register.slotCapabilities, capabilities)
    block.word(Register.slotControl, writable: isHotPlugCapable ? 0x1028 : 0x1000)
    block.word(Register.slotStatus, clearable: 0x0108)
  }
}

extension ConfigurationSpace {
  /// The speed the link runs at, by the Link Status register.
  public var currentLinkSpeed: LinkSpeed? {
    guard let place = places.express else { return nil }
    return LinkSpeed(rawValue: UInt8(word(place + 0x12) & 15))
  }

  /// The lanes the link uses, by the Link Status register.
  public var currentLinkWidth: Int? {
    guard let place = places.express else { return nil }
    return Int(word(place + 0x12) >> 4 & 0x3f)
  }

  /// Writes the outcome of link training into Link Status; on a downstream port with the active flag, whose
  /// change a slot keeps in mind.
  public mutating func setLink(speed: LinkSpeed, width: Int, isActive: Bool = true) {
    guard let place = places.express else { return }
    let reportsActive = doubleWord(place + 0x0c) & 1 << 20 != 0
    let before = word(place + 0x12)
    let kept = before & ~(0x3ff | 1 << 13)
    setWord(
      place + 0x12,
      kept | UInt16(speed.rawValue) | UInt16(truncatingIfNeeded: width & 0x3f) << 4
        | (reportsActive && isActive ? 1 << 13 : 0))
    // Data Link Layer State Changed.
    let hasSlot = word(place + 0x02) & 1 << 8 != 0
    if hasSlot, (before ^ word(place + 0x12)) & 1 << 13 != 0 { raise(1 << 8, inWord: place + 0x1a) }
  }

  /// Whether a downstream port reports that its link has gone by surprise.
  public var reportsSurpriseDown: Bool {
    guard let place = places.express else { return false }
    return doubleWord(place + 0x0c) & 1 << 19 != 0
  }

  /// Tells the slot that a device is there, or not; sets the change bits when that is new.
  public mutating func setPresence(_ isPresent: Bool) {
    guard let place = places.express, word(place + 0x02) & 1 << 8 != 0 else { return }
    let status = word(place + 0x1a)
    if (status & 1 << 6 != 0) == isPresent { return }
    setWord(place + 0x1a, status & ~(1 << 6) | (isPresent ? 1 << 6 : 0) | 1 << 3)
  }

  /// Whether the link of a downstream port is switched off by software.
  public var isLinkDisabled: Bool {
    guard let place = places.express else { return false }
    return word(place + 0x10) & 1 << 4 != 0
  }

  /// RCB as Link Control gives it: 64 or 128 bytes.
  public var readCompletionBoundary: Int {
    guard let place = places.express else { return 64 }
    return word(place + 0x10) & 1 << 3 != 0 ? 128 : 64
  }
}
