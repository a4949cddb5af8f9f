extension ExpressCapability {
  /// What the device registers announce.
  ///
  /// - Source: PCI Express Base 5.0, 7.5.3.3 to 7.5.3.5 and 7.5.3.15 to 7.5.3.17.
  public struct DeviceFeatures: Hashable, Sendable {
    /// The largest payload the function can take: 128 to 4096 bytes, a power of two.
    public var maxPayloadBytes: Int
    public var supportsExtendedTag: Bool
    public var supportsFunctionLevelReset: Bool
    /// Bit 0 range A (50 µs to 10 ms), 1 B (to 250 ms), 2 C (to 4 s), 3 D (to 64 s); 0 for a fixed timeout.
    public var completionTimeoutRanges: UInt8
    public var supportsTenBitTagCompleter: Bool
    public var supportsTenBitTagRequester: Bool
    public var atomics: Atomics
    /// ARI forwarding, for a downstream port.
    public var supportsARIForwarding: Bool
    /// The end-to-end prefixes the function takes, 0 to 4.
    public var endToEndPrefixesMax: Int

    public init(
      maxPayloadBytes: Int = 512, supportsExtendedTag: Bool = true, supportsFunctionLevelReset: Bool = true,
      completionTimeoutRanges: UInt8 = 0xf, supportsTenBitTagCompleter: Bool = true,
      supportsTenBitTagRequester: Bool = false, atomics: Atomics = [], supportsARIForwarding: Bool = false,
      endToEndPrefixesMax: Int = 0
    ) {
      self.maxPayloadBytes = maxPayloadBytes
      self.supportsExtendedTag = supportsExtendedTag
      self.supportsFunctionLevelReset = supportsFunctionLevelReset
      self.completionTimeoutRanges = completionTimeoutRanges
      self.supportsTenBitTagCompleter = supportsTenBitTagCompleter
      self.supportsTenBitTagRequester = supportsTenBitTagRequester
      self.atomics = atomics
      self.supportsARIForwarding = supportsARIForwarding
      self.endToEndPrefixesMax = endToEndPrefixesMax
    }
  }

  /// The AtomicOp bits of Device Capabilities 2.
  public struct Atomics: OptionSet, Hashable, Sendable {
    public var rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let routing = Atomics(rawValue: 1 << 6)
    public static let completer32 = Atomics(rawValue: 1 << 7)
    public static let completer64 = Atomics(rawValue: 1 << 8)
    public static let compareAndSwap128 = Atomics(rawValue: 1 << 9)
  }
}

extension ExpressCapability.DeviceFeatures {
  typealias Register = ExpressCapability.Register

  func install(in block: inout RegisterBlock, portType: ExpressCapability.PortType) {
    let isEndpoint = portType == .endpoint || portType == .legacyEndpoint
    let hasFLR = supportsFunctionLevelReset && (isEndpoint || !portType.hasLink)
    let payloadCode = UInt32(maxPayloadBytes.trailingZeroBitCount - 7)
    let roleBasedErrorReporting: UInt32 = 1 << 15
    block.doubleWord(
      Register.deviceCapabilities,
      payloadCode | (supportsExtendedTag ? 1 << 5 : 0) | roleBasedErrorReporting | (hasFLR ? 1 << 28 : 0))

    // Relaxed ordering and no snoop come up enabled, and the read request size at 512 bytes.
    var control: UInt16 = 0x0010 | 0x0800 | 2 << 12
    var writable: UInt16 = 0x000f | 0x0010 | 7 << 5 | 0x0800 | 7 << 12
    if supportsExtendedTag { writable |= 1 << 8 }
    if portType.isDownstream || portType == .switchUpstreamPort {
      // A port starts no traffic of its own to which the two enables would apply.
      control = 2 << 12
    }
    block.word(
      Register.deviceControl, control, writable: writable, keptByFunctionReset: 7 << 5)
    block.allow((1 << UInt64(payloadCode + 1)) - 1, inField: 7 << 5, at: Register.deviceControl)
    block.allow(0b11_1111, inField: 7 << 12, at: Register.deviceControl)
    block.word(Register.deviceStatus, clearable: 0x000f)
    installSecond(in: &block, portType: portType)
  }

  private func installSecond(in block: inout RegisterBlock, portType: ExpressCapability.PortType) {
    var capabilities = UInt32(completionTimeoutRanges) | atomics.rawValue
    var writable: UInt16 = 0
    if completionTimeoutRanges != 0 {
      capabilities |= 1 << 4
      writable |= 0x1f
    }
    if supportsARIForwarding && portType.isDownstream {
      capabilities |= 1 << 5
      writable |= 1 << 5
    }
    if portType == .endpoint || portType == .rootPort { writable |= 1 << 6 }
    if atomics.contains(.routing) { writable |= 1 << 7 }
    writable |= 3 << 8
    if supportsTenBitTagCompleter { capabilities |= 1 << 16 }
    if supportsTenBitTagRequester {
      capabilities |= 1 << 17
      writable |= 1 << 12
    }
    if endToEndPrefixesMax > 0 {
      // The extended Fmt field, and the count with four encoded as zero.
      capabilities |= 1 << 20 | 1 << 21 | UInt32(endToEndPrefixesMax & 3) << 22
      if portType.isDownstream { writable |= 1 << 15 }
    }
    block.doubleWord(Register.deviceCapabilities2, capabilities)
    block.word(Register.deviceControl2, writable: writable)
    block.allow(allowedTimeouts, inField: 0xf, at: Register.deviceControl2)
  }

  /// Two codes for each range: 1, 2 for A, 5, 6 for B, 9, 10 for C, 13, 14 for D.
  /// 0 is the default of 50 µs to 50 ms.
  private var allowedTimeouts: UInt64 {
    var allowed: UInt64 = 1
    for range in 0..<4 where completionTimeoutRanges >> UInt8(range) & 1 == 1 {
      allowed |= 0b110 << UInt64(range * 4)
    }
    return allowed
  }
}

/// Bits of the Device Status register.
///
/// - Source: PCI Express Base 5.0, 7.5.3.5 "Device Status Register".
@frozen
public struct DeviceStatusBits: OptionSet, Hashable, Sendable {
  public var rawValue: UInt16
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

  public static let correctableError = DeviceStatusBits(rawValue: 1 << 0)
  public static let nonFatalError = DeviceStatusBits(rawValue: 1 << 1)
  public static let fatalError = DeviceStatusBits(rawValue: 1 << 2)
  public static let unsupportedRequest = DeviceStatusBits(rawValue: 1 << 3)
  public static let transactionsPending = DeviceStatusBits(rawValue: 1 << 5)
}

/// Bits of the Device Control register that stand alone.
///
/// - Source: PCI Express Base 5.0, 7.5.3.4 "Device Control Register".
@frozen
public struct DeviceControlBits: OptionSet, Hashable, Sendable {
  public var rawValue: UInt16
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

  public static let reportCorrectable = DeviceControlBits(rawValue: 1 << 0)
  public static let reportNonFatal = DeviceControlBits(rawValue: 1 << 1)
  public static let reportFatal = DeviceControlBits(rawValue: 1 << 2)
  public static let reportUnsupportedRequest = DeviceControlBits(rawValue: 1 << 3)
  public static let relaxedOrderingEnable = DeviceControlBits(rawValue: 1 << 4)
  public static let extendedTagEnable = DeviceControlBits(rawValue: 1 << 8)
  public static let noSnoopEnable = DeviceControlBits(rawValue: 1 << 11)
  /// Reads as zero; software starts a function level reset by writing one.
  public static let initiateFunctionLevelReset = DeviceControlBits(rawValue: 1 << 15)
}

extension ConfigurationSpace {
  /// The flags of Device Control; none without the capability.
  @inlinable
  public var deviceControl: DeviceControlBits {
    guard let place = places.express else { return [] }
    return DeviceControlBits(rawValue: word(place + 0x08) & 0x891f)
  }

  /// The bits of Device Status; none without the capability.
  @inlinable
  public var deviceStatus: DeviceStatusBits {
    guard let place = places.express else { return [] }
    return DeviceStatusBits(rawValue: word(place + 0x0a))
  }

  /// Sets or clears bits of Device Status; does nothing without the capability.
  public mutating func setDeviceStatus(_ bits: DeviceStatusBits, _ value: Bool = true) {
    guard let place = places.express else { return }
    if value {
      raise(bits.rawValue, inWord: place + 0x0a)
    } else {
      lower(bits.rawValue, inWord: place + 0x0a)
    }
  }

  /// Max_Payload_Size as software has set it; 128 bytes without the capability.
  @inlinable
  public var maxPayloadBytes: Int {
    guard let place = places.express else { return 128 }
    return 128 << Int(word(place + 0x08) >> 5 & 7)
  }

  /// Max_Read_Request_Size as software has set it; 128 bytes without the capability.
  @inlinable
  public var maxReadRequestBytes: Int {
    guard let place = places.express else { return 128 }
    return 128 << Int(word(place + 0x08) >> 12 & 7)
  }

  /// The tags a requester may have outstanding: 32, 256 or 768 with 10-bit tags.
  ///
  /// - Source: PCI Express Base 5.0, 2.2.6.2; a 10-bit tag has a non-zero top, which leaves 768 values.
  public var tagCount: Int {
    guard let place = places.express else { return 32 }
    if word(place + 0x28) & 1 << 12 != 0 { return 768 }
    return deviceControl.contains(.extendedTagEnable) ? 256 : 32
  }

  /// The completion timeout software asked for: the code 0 to 15, nil when it is switched off.
  public var completionTimeoutCode: UInt8? {
    guard let place = places.express else { return 0 }
    let control = word(place + 0x28)
    return control & 1 << 4 != 0 ? nil : UInt8(control & 15)
  }

  /// Whether software lets the function start AtomicOps.
  public var isAtomicRequesterEnabled: Bool {
    guard let place = places.express else { return false }
    return word(place + 0x28) & 1 << 6 != 0
  }

  /// Whether a write starts a function level reset of this function.
  public func startsFunctionLevelReset(_ write: ConfigurationWrite) -> Bool {
    guard let place = places.express, doubleWord(place + 0x04) & 1 << 28 != 0 else { return false }
    return write.sendsOnes(place + 0x08, bits: DeviceControlBits.initiateFunctionLevelReset.rawValue)
  }
}
