import PCIe

/// Where the payload of a TLP stands while it travels.
@frozen
public struct PayloadReference: Hashable, Sendable {
  @usableFromInline var slot: Int32
  /// The payload's length.
  public var bytes: Int32

  @inlinable
  init(slot: Int32, bytes: Int32) {
    self.slot = slot
    self.bytes = bytes
  }

  /// The reference of a TLP without data.
  public static let none = PayloadReference(slot: -1, bytes: 0)
  /// The reference of a TLP whose data stand in no pool.
  @inlinable
  static func elsewhere(bytes: Int) -> PayloadReference {
    PayloadReference(slot: -1, bytes: Int32(truncatingIfNeeded: bytes))
  }
  /// Whether the TLP carries no data.
  @inlinable public var isNone: Bool { slot < 0 }
}

/// The payloads of all TLPs on a fabric, in slots of one size that are used again.
///
/// - Complexity: taking and releasing are constant; storage grows by doubling and never shrinks, so that the
///   steady path allocates nothing.
public struct PayloadPool: ~Copyable {
  let slotBytes: Int
  private var storage: [UInt8]
  private var free: [Int32]
  /// How many owners each slot has besides one; kept only where a data link layer shares payloads.
  private var shares: [UInt8] = []
  private var shared = 0

  init(slotBytes: Int, slots: Int = 8) {
    self.slotBytes = slotBytes
    storage = [UInt8](repeating: 0, count: slotBytes * slots)
    free = (0..<Int32(slots)).reversed()
    free.reserveCapacity(slots * 2)
  }

  /// The slots that there are: as many as were ever in use at once, up to the next power of two.
  public var slots: Int { storage.count / slotBytes }

  /// The slots in use now: zero when nothing travels.
  public var used: Int { slots - free.count }

  /// Takes a slot whose first bytes are not yet set.
  @inline(__always)
  public mutating func take(bytes: Int) -> PayloadReference {
    precondition(bytes <= slotBytes, "a payload is never longer than the largest a TLP may carry")
    if free.isEmpty { grow() }
    return PayloadReference(slot: free.removeLast(), bytes: Int32(truncatingIfNeeded: bytes))
  }

  /// Takes a slot for some bytes of an array.
  public mutating func take(copying source: [UInt8], from start: Int, count: Int) -> PayloadReference {
    let reference = take(bytes: count)
    copyBytes(from: source, at: start, to: &storage, at: Int(reference.slot) * slotBytes, count: count)
    return reference
  }

  @inline(never)
  private mutating func grow() {
    let slots = storage.count / slotBytes
    var larger = [UInt8](repeating: 0, count: storage.count * 2)
    copyBytes(from: storage, at: 0, to: &larger, at: 0, count: storage.count)
    storage = larger
    for slot in (slots..<slots * 2).reversed() { free.append(Int32(slot)) }
  }

  /// Gives a slot back; a shared one is free when its last owner has done so.
  public mutating func release(_ reference: PayloadReference) {
    guard !reference.isNone else { return }
    if shared > 0, giveUpShare(Int(reference.slot)) { return }
    free.append(reference.slot)
  }

  /// Makes a second owner of a payload, as a replay buffer is.
  mutating func share(_ reference: PayloadReference) {
    guard !reference.isNone else { return }
    let slot = Int(reference.slot)
    if shares.count <= slot {
      shares.append(contentsOf: repeatElement(0, count: storage.count / slotBytes - shares.count))
    }
    shares[slot] += 1
    shared += 1
  }

  private mutating func giveUpShare(_ slot: Int) -> Bool {
    guard slot < shares.count, shares[slot] > 0 else { return false }
    shares[slot] -= 1
    shared -= 1
    return true
  }

  /// The LCRC of a TLP whose payload stands here.
  func linkCRC(_ tlp: FabricTLP, sequence: UInt16) -> UInt32 {
    let start = max(0, Int(tlp.payload.slot)) * slotBytes
    let count = tlp.payload.isNone ? 0 : Int(tlp.payload.bytes)
    return LinkCRC.value(
      sequence: sequence, header: tlp.header, payload: storage.rawSpan.extracting(start..<start + count))
  }

  /// Copies bytes into a payload.
  public mutating func write(
    _ source: [UInt8], from start: Int, count: Int, to reference: PayloadReference, at offset: Int = 0
  ) {
    precondition(offset >= 0 && count >= 0 && offset + count <= Int(reference.bytes), "outside the payload")
    copyBytes(
      from: source, at: start, to: &storage, at: Int(reference.slot) * slotBytes + offset, count: count)
  }

  /// Copies bytes out of a payload.
  public func read(
    _ reference: PayloadReference, from offset: Int = 0, count: Int, to target: inout [UInt8], at start: Int
  ) {
    precondition(offset >= 0 && count >= 0 && offset + count <= Int(reference.bytes), "outside the payload")
    copyBytes(
      from: storage, at: Int(reference.slot) * slotBytes + offset, to: &target, at: start, count: count)
  }

  /// The bytes of a payload, without a copy.
  @_lifetime(borrow self)
  public func bytes(_ reference: PayloadReference) -> RawSpan {
    let start = max(0, Int(reference.slot)) * slotBytes
    return storage.rawSpan.extracting(start..<start + Int(reference.bytes))
  }

  /// Copies bytes from elsewhere to the start of a payload, which must have room for them.
  public mutating func write(_ source: RawSpan, to reference: PayloadReference) {
    precondition(source.byteCount <= Int(reference.bytes), "outside the payload")
    copyBytes(
      from: source, at: 0, to: &storage, at: max(0, Int(reference.slot)) * slotBytes, count: source.byteCount)
  }

  /// One byte of a payload.
  public func byte(_ reference: PayloadReference, at offset: Int) -> UInt8 {
    precondition(offset >= 0 && offset < Int(reference.bytes), "outside the payload")
    return storage[Int(reference.slot) * slotBytes + offset]
  }

  /// Sets one byte of a payload.
  public mutating func setByte(_ reference: PayloadReference, at offset: Int, to value: UInt8) {
    precondition(offset >= 0 && offset < Int(reference.bytes), "outside the payload")
    storage[Int(reference.slot) * slotBytes + offset] = value
  }

  /// A DW of a payload, its first byte in bits 7:0 as software sees it.
  public func word(_ reference: PayloadReference, at offset: Int = 0) -> UInt32 {
    precondition(offset >= 0 && offset + 4 <= Int(reference.bytes), "outside the payload")
    return storage.loadLE(at: Int(reference.slot) * slotBytes + offset)
  }

  /// Sets a DW of a payload, bits 7:0 first.
  public mutating func setWord(_ reference: PayloadReference, at offset: Int = 0, to value: UInt32) {
    precondition(offset >= 0 && offset + 4 <= Int(reference.bytes), "outside the payload")
    storage.storeLE(value, at: Int(reference.slot) * slotBytes + offset)
  }

  /// Takes a slot with the same bytes.
  public mutating func duplicate(_ reference: PayloadReference) -> PayloadReference {
    guard !reference.isNone else { return .none }
    let copy = take(bytes: Int(reference.bytes))
    moveBytes(
      in: &storage, from: Int(reference.slot) * slotBytes, to: Int(copy.slot) * slotBytes,
      count: Int(reference.bytes))
    return copy
  }

  /// A payload as an array of its own, for reports.
  public func copy(_ reference: PayloadReference) -> [UInt8] {
    guard !reference.isNone else { return [] }
    let start = Int(reference.slot) * slotBytes
    return Array(storage[start..<start + Int(reference.bytes)])
  }
}
