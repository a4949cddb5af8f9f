import CPCIeLink
import LinkBroker
import PCIe

/// The rings of one link in memory that an outside program shares.
///
/// - Complexity: taking and giving a TLP allocate nothing.
@safe struct LinkRing: ~Copyable {
  /// What the program sent next; the body stands in the ring's own buffer.
  enum Record {
    case nothing
    case tlp
    case interrupt(OutsideInterrupt)
    case goodbye(String)
    /// The program breaks the rules of the ring.
    case broken(LinkError)
  }

  private var region = unsafe pcie_link_region()
  private var record = pcie_link_record()
  /// A private copy of the record's body.
  private let body: UnsafeMutableRawPointer
  /// The header of the TLP that is being given.
  private let scratch: UnsafeMutableRawPointer

  /// Room for a header with all prefixes that there may be.
  private static let headerBytesMax = 64

  /// Makes the memory.
  init(slots: Int) throws(LinkError) {
    let result = unsafe pcie_link_region_create(&region, UInt32(slots))
    // Padded, as the copy of a short record takes all of its slot.
    unsafe body = .allocate(byteCount: Int(PCIE_LINK_BODY_MAX) + 64, alignment: 16)
    unsafe scratch = .allocate(byteCount: Self.headerBytesMax, alignment: 16)
    guard result >= 0 else { throw LinkError(result) }
  }

  deinit {
    unsafe body.deallocate()
    unsafe scratch.deallocate()
    var region = unsafe region
    unsafe pcie_link_region_destroy(&region)
  }

  /// Rung by the program while `arm` holds.
  var doorbell: CInt { unsafe region.doorbell }

  /// Sends the program its end of the memory.
  mutating func welcome(_ socket: CInt, _ terms: pcie_link_terms) throws(LinkError) {
    let result = unsafe withUnsafePointer(to: terms) { unsafe pcie_link_welcome(socket, &region, $0) }
    guard result >= 0 else { throw LinkError(result) }
  }

  /// Whether the program has sent something, or broken the ring.
  var hasRecords: Bool {
    mutating get { unsafe pcie_link_ready(&region.end) != 0 }
  }

  /// Takes the next record.
  mutating func next() -> Record {
    let result = unsafe pcie_link_pop(&region.end, &record, body)
    if result == 0 { return .nothing }
    guard result > 0 else { return .broken(LinkError(result, brokenText(result))) }
    switch Int(record.kind) {
    case Int(PCIE_LINK_RECORD_TLP): return .tlp
    case Int(PCIE_LINK_RECORD_INTERRUPT): return .interrupt(interrupt)
    // Taking a record off the ring has refused all other kinds.
    default: return .goodbye(text)
    }
  }

  /// What stands where the record should be that broke the ring.
  private func brokenText(_ result: CInt) -> String {
    result == CInt(PCIE_LINK_E_RECORD) ? "kind \(record.kind) with \(record.bytes) bytes" : ""
  }

  /// The bytes of the record's body.
  private var bytes: RawSpan {
    @_lifetime(borrow self)
    borrowing get {
      // Safe: the buffer lives as long as the ring and is longer than any body.
      let span = unsafe RawSpan(_unsafeStart: body, byteCount: Int(record.bytes))
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  private var interrupt: OutsideInterrupt {
    let kind = bytes.loadLE(at: 0, as: UInt32.self)
    let number = Int(bytes.loadLE(at: 4, as: UInt32.self))
    return switch Int(kind) {
    case Int(PCIE_LINK_MSIX): .msix(vector: number)
    case Int(PCIE_LINK_MSI): .msi(vector: number)
    default: .intx(isAsserted: kind == UInt32(PCIE_LINK_INTX_ASSERT))
    }
  }

  private var text: String {
    let bytes = bytes
    return String(
      decoding: (0..<bytes.byteCount).map { bytes.loadLE(at: $0, as: UInt8.self) }, as: UTF8.self)
  }

  /// The TLP of the record, its payload in the fabric's pool.
  ///
  /// - Throws: when the bytes are no TLP.
  func tlp(in fabric: inout Fabric) throws(TLPError) -> FabricTLP { try FabricTLP(bytes, in: &fabric) }
}

// Giving.
extension LinkRing {
  /// Whether so many slots are free.
  mutating func hasRoom(forSlots count: Int) -> Bool {
    unsafe pcie_link_room(&region.end, UInt32(count)) == CInt(PCIE_LINK_OK)
  }

  /// Whether the program has given slots back since there was no room, or broken the ring.
  var hasMoreRoom: Bool {
    mutating get {
      let before = unsafe region.end.out_head
      let result = unsafe pcie_link_room(&region.end, region.end.slots - 1)
      return unsafe region.end.out_head != before || result == CInt(PCIE_LINK_E_COUNTER)
    }
  }

  /// Adds a TLP; false when there is no room.
  mutating func push(_ tlp: FabricTLP, in fabric: borrowing Fabric) -> Bool {
    // Safe: the buffer lives as long as the ring, and no header with its prefixes is longer than 64 bytes.
    var target = unsafe MutableRawSpan(_unsafeStart: scratch, byteCount: Self.headerBytesMax)
    let headerBytes = tlp.header.encode(into: &target)
    if tlp.header.hasDigest { return push(withDigest: tlp, headerBytes, in: fabric) }
    let payload = fabric.payloads.bytes(tlp.payload)
    return unsafe payload.withUnsafeBytes { unsafe push(headerBytes, $0) }
  }

  /// Adds a TLP with an ECRC, wrong when a fault has made it so.
  private mutating func push(
    withDigest tlp: FabricTLP, _ headerBytes: Int, in fabric: borrowing Fabric
  ) -> Bool {
    let payload = fabric.payloads.copy(tlp.payload)
    let right = EndToEndCRC.value(header: tlp.header, payload: payload.rawSpan)
    let digest = tlp.hasBadDigest ? ~right : right
    let bytes = payload + (0..<4).map { UInt8(truncatingIfNeeded: digest >> ($0 * 8)) }
    return unsafe bytes.withUnsafeBytes { unsafe push(headerBytes, $0) }
  }

  private mutating func push(_ headerBytes: Int, _ rest: UnsafeRawBufferPointer) -> Bool {
    unsafe pcie_link_push(
      &region.end, UInt8(PCIE_LINK_RECORD_TLP), 0, 0, scratch, UInt32(headerBytes),
      rest.baseAddress, UInt32(rest.count)) == CInt(PCIE_LINK_OK)
  }

  mutating func push(state: Int) {
    var number = UInt32(truncatingIfNeeded: state)
    _ = unsafe pcie_link_push(
      &region.end, UInt8(PCIE_LINK_RECORD_STATE), 0, 0, &number, 4, nil, 0)
  }

  mutating func push(_ function: pcie_link_function) {
    var function = function
    _ = unsafe pcie_link_push(
      &region.end, UInt8(PCIE_LINK_RECORD_FUNCTION), 0, 0, &function,
      UInt32(MemoryLayout<pcie_link_function>.size), nil, 0)
  }

  /// Lets the program see what was added.
  mutating func publish() { unsafe pcie_link_publish(&region.end) }
}

// Waiting.
extension LinkRing {
  /// Asks the program to ring; false when it has sent something meanwhile.
  mutating func arm() -> Bool {
    unsafe pcie_link_arm(&region.end, UInt32(PCIE_LINK_ON_DOORBELL))
    if unsafe pcie_link_ready(&region.end) == 0 { return true }
    unsafe pcie_link_disarm(&region.end)
    return false
  }

  /// Asks the program to ring when it gives slots back; false when it has done so meanwhile.
  mutating func armRoom() -> Bool {
    unsafe pcie_link_arm_room(&region.end, UInt32(PCIE_LINK_ON_DOORBELL))
    return !hasMoreRoom
  }

  mutating func disarm() {
    unsafe pcie_link_disarm_room(&region.end)
    unsafe pcie_link_disarm(&region.end)
    unsafe pcie_link_doorbell_clear(region.doorbell)
  }
}
