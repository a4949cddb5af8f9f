import PCIe

/// Asks a device server what its device is.
struct VfioUserIntroduction {
  enum Outcome: Hashable {
    case open
    case found(LinkDescription, VfioUserFeatures)
    case failed(VfioUserIntroductionError)
  }

  private(set) var outcome = Outcome.open
  private var isWaiting = false
  private var steps: [Step] = [.version, .device]
  private var next = 0
  private var features = VfioUserFeatures()
  private var sizes = [UInt64](repeating: 0, count: VfioUserRegionIndex.count)
  private var space: [UInt8] = []

  enum Step: Hashable {
    case version
    case device
    case region(Int)
    case interrupts(VfioUserInterruptIndex)
    case configuration
  }

  /// Asks what comes next.
  mutating func advance(_ client: inout VfioUserClient) {
    guard !isWaiting, case .open = outcome, steps.indices.contains(next) else { return }
    isWaiting = true
    switch steps[next] {
    case .version:
      var own = VfioUserVersion()
      own.maxDescriptors = 16
      own.takesManyWrites = true
      client.send(.version, own.payload)
    case .device: client.describeDevice()
    case .region(let index): client.describeRegion(index)
    case .interrupts(let index): client.describeInterrupts(index)
    case .configuration:
      let bytes = Int(min(sizes[VfioUserRegionIndex.configuration], UInt64(ConfigurationSpace.byteCount)))
      client.read(VfioUserRange(region: VfioUserRegionIndex.configuration, offset: 0, count: bytes))
    }
  }

  /// Takes what has come.
  mutating func take(_ event: VfioUserClient.Event) {
    // A device that wants memory before it is known has nothing to want yet.
    guard case .reply(_, _, let reply) = event, isWaiting, steps.indices.contains(next) else { return }
    isWaiting = false
    let step = steps[next]
    next += 1
    if let number = reply.error { return fail(.refused(step, number: number)) }
    guard take(reply.payload, step) else { return fail(.wrongReply(step, bytes: reply.payload.count)) }
    if next == steps.count, case .open = outcome { conclude() }
  }

  private mutating func fail(_ error: VfioUserIntroductionError) { outcome = .failed(error) }

  /// Takes the reply to a step; false when it is none.
  private mutating func take(_ payload: [UInt8], _ step: Step) -> Bool {
    switch step {
    case .version:
      guard let version = VfioUserVersion(payload) else { return false }
      guard version.major == 0, version.minor == 0 else {
        fail(.version(major: version.major, minor: version.minor))
        return true
      }
      guard version.maxTransferBytes >= VfioUserVersion.leastTransferBytes else {
        fail(.shortTransfers(bytes: version.maxTransferBytes))
        return true
      }
      features.maxDescriptors = max(1, version.maxDescriptors)
    case .device:
      guard payload.count >= 16 else { return false }
      return take(
        flags: payload.field(4), regions: Int(payload.field(8, as: UInt32.self)),
        indices: Int(payload.field(12, as: UInt32.self)))
    case .region(let index):
      guard payload.count >= 32 else { return false }
      sizes[index] = payload.field(16)
    case .interrupts(let index):
      guard payload.count >= 16 else { return false }
      features.interrupts[index.rawValue] = Int(min(payload.field(12, as: UInt32.self), 2048))
    case .configuration:
      guard payload.count >= 16 + 64 else { return false }
      space = Array(payload[16...])
      space += Array(repeating: 0, count: max(0, ConfigurationSpace.byteCount - space.count))
    }
    return true
  }

  private mutating func take(flags: UInt32, regions: Int, indices: Int) -> Bool {
    guard flags & 2 != 0, regions > VfioUserRegionIndex.configuration else {
      fail(.noFunction(flags: flags, regions: regions))
      return true
    }
    features.canReset = flags & 1 != 0
    let known = VfioUserInterruptIndex.allCases.filter { $0.rawValue < indices && $0.rawValue < 3 }
    steps += VfioUserRegionIndex.bars.map(Step.region) + [.region(VfioUserRegionIndex.configuration)]
    steps += known.map(Step.interrupts) + [.configuration]
    return true
  }

  private mutating func conclude() {
    let places = VfioUserPlaces(space)
    features.places = places
    features.wideBars = Set(bars.filter(\.is64Bit).map(\.index))
    let type = space[HeaderRegister.headerType] & 0x7f
    guard type == 0 else { return fail(.headerType(type)) }
    let identity = LinkDescription.Identity(
      vendorID: space.field(HeaderRegister.vendorID), deviceID: space.field(HeaderRegister.deviceID),
      subsystemVendorID: space.field(HeaderRegister.subsystemVendorID),
      subsystemID: space.field(HeaderRegister.subsystemID),
      classCode: space.field(HeaderRegister.revisionID, as: UInt32.self) >> 8,
      revisionID: space[HeaderRegister.revisionID])
    let msix = features.interrupts[2] > 0 ? places.msix : nil
    let description = LinkDescription(
      identity: identity,
      interruptPin: features.interrupts[0] > 0 ? min(space[HeaderRegister.interruptPin], 4) : 0,
      msiVectors: places.msi == nil ? 0 : features.interrupts[1],
      msix: msix.map { place in
        let table = space.field(place + 4, as: UInt32.self)
        let pending = space.field(place + 8, as: UInt32.self)
        return .init(
          vectors: features.interrupts[2], tableBar: Int(table & 7), tableOffset: Int(table & ~7),
          pendingBar: Int(pending & 7), pendingOffset: Int(pending & ~7))
      }, maxPayloadBytes: Self.maxPayloadBytes, bars: bars)
    outcome = .found(description, features)
  }

  /// What one message carries is more than any payload.
  ///
  /// - Units: bytes.
  private static let maxPayloadBytes = 4096

  private var bars: [BarLayout] {
    VfioUserRegionIndex.bars.filter { sizes[$0] > 0 }.map { index in
      let word = space.field(HeaderRegister.bar(index), as: UInt32.self)
      let isPrefetchable = word & 8 != 0
      let kind: BarLayout.Kind =
        word & 1 == 1
        ? .io
        : word & 6 == 4
          ? .memory64(prefetchable: isPrefetchable) : .memory32(prefetchable: isPrefetchable)
      return BarLayout(index: index, bytes: sizes[index], kind: kind)
    }
  }
}

/// What a device server can do, besides what its function is.
struct VfioUserFeatures: Hashable {
  /// The descriptors of one message.
  var maxDescriptors = 1
  var canReset = false
  /// The vectors of INTx, MSI and MSI-X.
  var interrupts = [0, 0, 0]
  var places = VfioUserPlaces()
  /// The BARs of 64 bits.
  var wideBars: Set<Int> = []
}

/// Why a device server cannot play an endpoint.
enum VfioUserIntroductionError: Error, Hashable {
  case refused(VfioUserIntroduction.Step, number: UInt32)
  case wrongReply(VfioUserIntroduction.Step, bytes: Int)
  case version(major: UInt16, minor: UInt16)
  case shortTransfers(bytes: Int)
  case noFunction(flags: UInt32, regions: Int)
  case headerType(UInt8)
}

extension VfioUserIntroductionError: CustomStringConvertible {
  var description: String {
    switch self {
    case .refused(let step, let number): "it has failed the question for its \(step) with errno \(number)"
    case .wrongReply(let step, let bytes): "its answer to the question for its \(step) has \(bytes) bytes"
    case .version(let major, let minor):
      "it speaks version \(major).\(minor) of vfio-user, and 0.0 is spoken here"
    case .shortTransfers(let bytes):
      "its messages carry \(bytes) bytes; the \(VfioUserVersion.leastTransferBytes) of a TLP are the least"
    case .noFunction(let flags, let regions):
      "it is no function of PCI Express: flags 0x\(String(flags, radix: 16)), \(regions) regions; flag 0x2 "
        + "and 8 regions are the least"
    case .headerType(let type): "its header is of type \(type); an endpoint has type 0"
    }
  }
}

extension VfioUserIntroduction.Step: CustomStringConvertible {
  var description: String {
    switch self {
    case .version: "version"
    case .device: "device"
    case .region(let index): "region \(index)"
    case .interrupts(let index): "interrupts of index \(index.rawValue)"
    case .configuration: "configuration space"
    }
  }
}
