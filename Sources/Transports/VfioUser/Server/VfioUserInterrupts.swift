import Glibc

/// The eventfds by which a peer takes interrupts, one for each vector of each index.
struct VfioUserInterrupts {
  private var indices: [[PassedDescriptor?]]
  /// How many vectors of each index the peer has set up, those without an eventfd too.
  private var counts: [Int]
  /// Whether the line is held down by its device.
  private var isAsserted = false
  /// Whether the line is masked: by the peer, or by itself once it has been told.
  private var isMasked = false
  /// What the peer raises to unmask the line, beside its message.
  private(set) var unmasking: PassedDescriptor?

  init(counts: [Int]) {
    indices = counts.map { Array(repeating: nil, count: $0) }
    self.counts = counts.map { _ in 0 }
  }

  /// The vectors of an index that the peer has set up.
  func count(_ index: VfioUserInterruptIndex) -> Int { counts[index.rawValue] }

  /// Whether the peer takes a vector now.
  func takes(_ vector: Int, of index: VfioUserInterruptIndex) -> Bool {
    indices[index.rawValue].indices.contains(vector) && indices[index.rawValue][vector] != nil
  }

  /// Tells the peer of a vector; false when it does not take it.
  func raise(_ vector: Int, of index: VfioUserInterruptIndex) -> Bool {
    guard takes(vector, of: index), let event = indices[index.rawValue][vector] else { return false }
    return event.raise()
  }

  // MARK: The line

  /// The device has changed the level of its line.
  mutating func setLine(_ isAsserted: Bool) {
    self.isAsserted = isAsserted
    signalLine()
  }

  /// A line that has been told is masked until the peer unmasks it, and is told again if it is still down.
  private mutating func signalLine() {
    if isAsserted, !isMasked, raise(0, of: .intx) { isMasked = true }
  }

  private mutating func unmaskLine() {
    isMasked = false
    signalLine()
  }

  /// Looks whether the peer has unmasked the line by its eventfd.
  mutating func lookForUnmasking() {
    if let unmasking, unmasking.take() > 0 { unmaskLine() }
  }

  // MARK: The peer's wishes

  /// Does what the peer says of an index.
  ///
  /// - Throws: when it makes no sense; nothing has changed then.
  mutating func set(
    _ payload: [UInt8], _ descriptors: [PassedDescriptor]
  ) throws(VfioUserError) -> VfioUserInterruptIndex {
    let request = try Request(payload, descriptors, limits: indices.map(\.count))
    switch (request.data, request.action) {
    case (.events(let events), .trigger): install(events, request)
    case (.none, .trigger) where request.vectors.isEmpty: disable(request.index)
    case (.none, .trigger): for vector in request.vectors { _ = raise(vector, of: request.index) }
    case (.flags(let flags), .trigger):
      for (vector, isSet) in zip(request.vectors, flags) where isSet { _ = raise(vector, of: request.index) }
    case (.events(let events), .unmask): unmasking = events.first ?? nil
    case (_, .mask): if request.isWhole { isMasked = true }
    case (_, .unmask): if request.isWhole { unmaskLine() }
    }
    return request.index
  }

  private mutating func install(_ events: [PassedDescriptor?], _ request: Request) {
    let index = request.index.rawValue
    for (vector, event) in zip(request.vectors, events) { indices[index][vector] = event }
    counts[index] = max(counts[index], request.vectors.upperBound)
    if request.index == .intx {
      isMasked = false
      signalLine()
    }
  }

  private mutating func disable(_ index: VfioUserInterruptIndex) {
    for vector in indices[index.rawValue].indices { indices[index.rawValue][vector] = nil }
    counts[index.rawValue] = 0
    if index == .intx { unmasking = nil }
  }
}

extension VfioUserInterrupts {
  /// What a peer wants of an index.
  ///
  /// - Source: Linux, `include/uapi/linux/vfio.h` "VFIO_DEVICE_SET_IRQS".
  private struct Request {
    enum Data {
      case none
      case flags([Bool])
      case events([PassedDescriptor?])
    }

    enum Action {
      case mask
      case unmask
      case trigger
    }

    let index: VfioUserInterruptIndex
    let vectors: Range<Int>
    let data: Data
    let action: Action
    /// Whether masking is meant for the one line there is.
    var isWhole: Bool {
      guard !vectors.isEmpty else { return false }
      if case .flags(let flags) = data { return flags.first ?? false }
      return true
    }

    init(_ payload: [UInt8], _ descriptors: [PassedDescriptor], limits: [Int]) throws(VfioUserError) {
      guard payload.count >= 20 else { throw VfioUserError(number: EINVAL) }
      let flags = payload.field(4, as: UInt32.self)
      let number = Int(payload.field(8, as: UInt32.self))
      let start = Int(payload.field(12, as: UInt32.self))
      let count = Int(payload.field(16, as: UInt32.self))
      guard let index = VfioUserInterruptIndex(rawValue: number), number < limits.count,
        start + count <= limits[number]
      else { throw VfioUserError(number: EINVAL) }
      self.index = index
      vectors = start..<start + count
      switch flags >> 3 {
      case 1: action = .mask
      case 2: action = .unmask
      case 4: action = .trigger
      default: throw VfioUserError(number: EINVAL)
      }
      // Only the line can be masked; vectors are, by the table in the peer.
      guard action == .trigger || index == .intx else { throw VfioUserError(number: EINVAL) }
      let bytes = payload.count - 20
      guard flags & 7 == 4 || descriptors.isEmpty else { throw VfioUserError(number: EINVAL) }
      switch flags & 7 {
      case 1 where bytes == 0: data = .none
      case 2 where bytes == count: data = .flags(payload[20...].map { $0 != 0 })
      // Descriptors, if any, are not said to be there: they come or they do not.
      case 4 where action != .mask && (descriptors.isEmpty || descriptors.count == count):
        guard descriptors.allSatisfy(\.isEvent) else { throw VfioUserError(number: EINVAL) }
        data = .events(descriptors.isEmpty ? Array(repeating: nil, count: count) : descriptors)
      default: throw VfioUserError(number: EINVAL)
      }
    }
  }
}
