import CPCIeLink
import LinkBroker
import PCIe

/// The rings of one link in memory that an outside program shares.
///
/// What changes lies in memory of its own, which never moves, so that `LinkWatch` can look at it.
/// - Complexity: taking and giving a TLP allocate nothing.
@safe struct LinkRing: ~Copyable {
  /// What the program sent next; the body stands in the ring's own buffer.
  enum Record {
    case nothing
    case tlp
    case interrupt
    case goodbye
    /// The program breaks the rules of the ring.
    case broken
  }

  private let region: UnsafeMutablePointer<pcie_link_region>
  /// The broker's end of it: a member of the region, found once.
  private let end: UnsafeMutablePointer<pcie_link_end>
  private let record: UnsafeMutablePointer<pcie_link_record>
  /// A private copy of the record's body.
  private let body: UnsafeMutableRawPointer
  /// The header of the TLP that is being given.
  private let scratch: UnsafeMutableRawPointer

  /// Room for a header with all prefixes that there may be.
  private static let headerBytesMax = 64

  /// Makes the memory.
  init(slots: Int) throws(LinkError) {
    unsafe region = .allocate(capacity: 1)
    unsafe region.initialize(to: pcie_link_region())
    let offset = unsafe MemoryLayout<pcie_link_region>.offset(of: \.end) ?? 0
    // Safe: the member of a structure that is there.
    unsafe end = UnsafeMutableRawPointer(region).advanced(by: offset)
      .assumingMemoryBound(to: pcie_link_end.self)
    unsafe record = .allocate(capacity: 1)
    unsafe record.initialize(to: pcie_link_record())
    let result = unsafe pcie_link_region_create(region, UInt32(slots))
    // Padded, as the copy of a short record takes all of its slot.
    unsafe body = .allocate(byteCount: Int(PCIE_LINK_BODY_MAX) + 64, alignment: 16)
    unsafe scratch = .allocate(byteCount: Self.headerBytesMax, alignment: 16)
    guard result >= 0 else { throw LinkError(result) }
  }

  deinit {
    unsafe pcie_link_region_destroy(region)
    unsafe region.deallocate()
    unsafe record.deallocate()
    unsafe body.deallocate()
    unsafe scratch.deallocate()
  }

  /// For a watch, as long as the ring lives.
  var watched: LinkWatch.End { unsafe LinkWatch.End(pointer: end) }

  /// Rung by the program while `arm` holds.
  var doorbell: CInt { unsafe region.pointee.doorbell }

  /// Sends the program its end of the memory, and what its function is where it does not know that.
  func welcome(
    _ socket: CInt, _ terms: pcie_link_terms, describing description: LinkDescription?
  ) throws(LinkError) {
    var terms = unsafe terms
    let described = description?.forProgram
    let result = unsafe withUnsafePointer(to: described ?? pcie_link_description()) { pointer in
      if described != nil { unsafe terms.description = pointer }
      return unsafe withUnsafePointer(to: terms) { unsafe pcie_link_welcome(socket, region, $0) }
    }
    guard result >= 0 else { throw LinkError(result) }
  }

  /// Whether the program has sent something, has made room that was wanting, or has broken the ring.
  var hasNews: Bool { unsafe pcie_link_has_news(end) != 0 }

  /// Whether the program has sent another record.
  @inline(__always)
  var hasNext: Bool { unsafe pcie_link_ready(end) > 0 }

  /// Whether the program sends another record within some hundred nanoseconds.
  @inline(never)
  func lingers() -> Bool {
    for _ in 0..<Self.looks {
      if hasNext { return true }
      pcie_link_pause()
    }
    return false
  }

  /// What a program needs to take an answer and to ask again, on the processors next to one another.
  private static let looks = 16

  /// Takes the next record.
  func next() -> Record {
    let result = unsafe pcie_link_pop(end, record, body)
    guard result > 0 else { return result == 0 ? .nothing : .broken }
    return switch unsafe Int(record.pointee.kind) {
    case Int(PCIE_LINK_RECORD_TLP): .tlp
    case Int(PCIE_LINK_RECORD_INTERRUPT): .interrupt
    // Taking a record off the ring has refused all other kinds.
    default: .goodbye
    }
  }

  /// Whether the program has broken a rule, so that the ring is of no more use.
  var isBroken: Bool { unsafe end.pointee.broken != 0 }

  /// Which rule the program has broken, and what stands where the record should be that broke it.
  var failure: LinkError {
    let code = unsafe end.pointee.broken
    let isRecord = code == CInt(PCIE_LINK_E_RECORD)
    return LinkError(
      code, unsafe isRecord ? "kind \(record.pointee.kind) with \(record.pointee.bytes) bytes" : "")
  }

  /// Whether the program's records are left in the ring for now, and are no news.
  func holdBack(_ isHeld: Bool) { unsafe end.pointee.held_back = isHeld ? 1 : 0 }

  /// The bytes of the record's body.
  private var bytes: RawSpan {
    @_lifetime(borrow self)
    borrowing get {
      // Safe: the buffer lives as long as the ring and is longer than any body.
      let span = unsafe RawSpan(_unsafeStart: body, byteCount: Int(record.pointee.bytes))
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// The interrupt of the record.
  var interrupt: OutsideInterrupt {
    let kind = bytes.loadLE(at: 0, as: UInt32.self)
    let number = Int(bytes.loadLE(at: 4, as: UInt32.self))
    return switch Int(kind) {
    case Int(PCIE_LINK_MSIX): .msix(vector: number)
    case Int(PCIE_LINK_MSI): .msi(vector: number)
    default: .intx(isAsserted: kind == UInt32(PCIE_LINK_INTX_ASSERT))
    }
  }

  /// The text of the record.
  var text: String {
    let bytes = bytes
    return String(
      decoding: (0..<bytes.byteCount).map { bytes.loadLE(at: $0, as: UInt8.self) }, as: UTF8.self)
  }

  /// Lends header and payload of the record, if that is a plain memory request; false when it is none.
  @inline(__always)
  func withPlainRequest(_ body: (TLPHeader, RawSpan) -> Bool) -> Bool {
    let bytes = bytes
    guard let header = TLPHeader(decodingPlainRequest: bytes) else { return false }
    return body(header, bytes.extracting(header.headerBytes..<bytes.byteCount))
  }

  /// Lends the bytes of the record's body.
  @inline(__always)
  func withBody(_ body: (RawSpan) throws(TLPError) -> Void) throws(TLPError) { try body(bytes) }
}

// Giving.
extension LinkRing {
  /// Whether so many slots are free.
  func hasRoom(forSlots count: Int) -> Bool {
    let result = unsafe pcie_link_room(end, UInt32(count))
    unsafe end.pointee.wants_room = result == CInt(PCIE_LINK_E_FULL) ? 1 : 0
    return result == CInt(PCIE_LINK_OK)
  }

  /// Whether so many completions find room, none with more data than that.
  ///
  /// A record may leave out the end of the ring, which is shorter than itself.
  func hasRoom(forCompletions count: Int, ofBytes bytes: Int) -> Bool {
    let each = Int(pcie_link_slots_for(UInt32(truncatingIfNeeded: bytes + 12)))
    return unsafe pcie_link_room(end, UInt32(truncatingIfNeeded: count * each + each - 1))
      == CInt(PCIE_LINK_OK)
  }

  /// Nothing waits for room any more.
  func forgetRoom() { unsafe end.pointee.wants_room = 0 }

  /// Adds a TLP; false when there is no room.
  func push(_ tlp: FabricTLP, in fabric: borrowing Fabric) -> Bool {
    // Safe: the buffer lives as long as the ring, and no header with its prefixes is longer than 64 bytes.
    var target = unsafe MutableRawSpan(_unsafeStart: scratch, byteCount: Self.headerBytesMax)
    let headerBytes = tlp.header.encode(into: &target)
    if tlp.header.hasDigest { return push(withDigest: tlp, headerBytes, in: fabric) }
    let payload = fabric.payloads.bytes(tlp.payload)
    return unsafe payload.withUnsafeBytes { unsafe push(headerBytes, $0) }
  }

  /// Adds a TLP with an ECRC, wrong when a fault has made it so.
  private func push(
    withDigest tlp: FabricTLP, _ headerBytes: Int, in fabric: borrowing Fabric
  ) -> Bool {
    let payload = fabric.payloads.copy(tlp.payload)
    let right = EndToEndCRC.value(header: tlp.header, payload: payload.rawSpan)
    let digest = tlp.hasBadDigest ? ~right : right
    let bytes = payload + (0..<4).map { UInt8(truncatingIfNeeded: digest >> ($0 * 8)) }
    return unsafe bytes.withUnsafeBytes { unsafe push(headerBytes, $0) }
  }

  /// Adds a completion without prefixes, for which there is room, and has its data put there.
  @inline(__always)
  func push(completion header: TLPHeader, byteCount: Int, _ fill: (inout MutableRawSpan) -> Void) {
    var words = (header.dw0.bigEndian, header.dw1.bigEndian, header.dw2.bigEndian)
    var rest: UnsafeMutablePointer<UInt8>?
    let result = unsafe withUnsafeBytes(of: &words) {
      unsafe pcie_link_push_head(
        end, UInt8(PCIE_LINK_RECORD_TLP), 0, 0, $0.baseAddress, 12, UInt32(byteCount), &rest)
    }
    guard result == CInt(PCIE_LINK_OK), let rest = unsafe rest else {
      preconditionFailure("room was made sure of before the request was served")
    }
    // Safe: the record has room for so many bytes there, and no other side reads it before it is published.
    var target = unsafe MutableRawSpan(_unsafeStart: UnsafeMutableRawPointer(rest), byteCount: byteCount)
    fill(&target)
  }

  private func push(_ headerBytes: Int, _ rest: UnsafeRawBufferPointer) -> Bool {
    unsafe pcie_link_push(
      end, UInt8(PCIE_LINK_RECORD_TLP), 0, 0, scratch, UInt32(headerBytes),
      rest.baseAddress, UInt32(rest.count)) == CInt(PCIE_LINK_OK)
  }

  func push(state: Int) {
    var number = UInt32(truncatingIfNeeded: state)
    _ = unsafe pcie_link_push(
      end, UInt8(PCIE_LINK_RECORD_STATE), 0, 0, &number, 4, nil, 0)
  }

  func push(_ function: pcie_link_function) {
    var function = function
    _ = unsafe pcie_link_push(
      end, UInt8(PCIE_LINK_RECORD_FUNCTION), 0, 0, &function,
      UInt32(MemoryLayout<pcie_link_function>.size), nil, 0)
  }

  /// The slots of what was added and that the program cannot see yet.
  var unpublishedSlots: Int { Int(unsafe end.pointee.tail &- end.pointee.published) }
  /// Whether there are any.
  var isUnpublished: Bool { unsafe end.pointee.tail != end.pointee.published }

  /// Lets the program see what was added.
  func publish() { unsafe pcie_link_publish(end) }
}

// Waiting.
extension LinkRing {
  /// Asks the program to ring; false when it has sent something meanwhile.
  func arm() -> Bool {
    unsafe pcie_link_arm(end, UInt32(PCIE_LINK_ON_DOORBELL))
    if unsafe pcie_link_ready(end) == 0 { return true }
    unsafe pcie_link_disarm(end)
    return false
  }

  /// Asks the program to ring when it gives slots back; false when it has done so meanwhile.
  func armRoom() -> Bool {
    unsafe pcie_link_arm_room(end, UInt32(PCIE_LINK_ON_DOORBELL))
    return !hasNews
  }

  func disarm() {
    unsafe pcie_link_disarm_room(end)
    unsafe pcie_link_disarm(end)
  }

  /// Forgets that the program has rung.
  func clearDoorbell() { pcie_link_doorbell_clear(doorbell) }
}
