import CPCIeLink
import Glibc
import LinkBroker
import PCIe
import Simulation
import Testing

@testable import Transports

/// A node that is memory and no more.
final class PlainMemory: FabricNode, NodeMemory {
  private(set) var bytes = [UInt8](repeating: 0, count: 4096)
  private(set) var writeCount = 0

  var takesEveryCompletion: Bool { true }
  var memory: (any NodeMemory)? { self }
  func attach(_ port: FabricPort, number: Int, in fabric: inout Fabric) {}

  func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    if tlp.kind == .memoryWrite { writeCount += 1 }
    return .consumed
  }

  func respond(
    to tlp: FabricTLP, with response: LinkFault.Response, at port: Int, in fabric: inout Fabric
  ) -> TLPDisposition { .consumed }

  func completerID(at port: Int) -> FunctionAddress { FunctionAddress(rawValue: 0x100) }
  func timerFired(_ token: UInt64, in fabric: inout Fabric) {}
  func linkChanged(_ change: LinkChange, at port: Int, in fabric: inout Fabric) {}
  func portDetected(_ violation: Violation, in header: TLPHeader?, at port: Int, in fabric: inout Fabric) {}

  func window(around request: TLPHeader, at port: Int, now: VirtualTime) -> MemoryWindow? {
    MemoryWindow(
      base: 0, byteCount: UInt64(bytes.count), region: 0, offset: 0, completer: completerID(at: port),
      maxPayloadBytes: 256, boundary: 128)
  }

  func store(_ bytes: RawSpan, at place: MemoryPlace) {
    writeCount += 1
    copyBytes(from: bytes, at: 0, to: &self.bytes, at: place.offset, count: bytes.byteCount)
  }

  func load(from place: MemoryPlace, into target: inout MutableRawSpan) {
    copyBytes(from: bytes, at: place.offset, to: &target)
  }
}

/// The program's end of a link, played by a test: it puts records into the ring and takes them off.
@safe final class ProgramEnd {
  let transport: LinkTransport
  private let end = UnsafeMutablePointer<pcie_link_end>.allocate(capacity: 1)
  private let memory: UnsafeMutableRawPointer
  private let length: Int
  private var socket: CInt

  init() throws {
    var ends: [CInt] = [-1, -1]
    let kind = CInt(SOCK_SEQPACKET.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
    try #require(unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0)
    socket = dup(ends[1])
    transport = try LinkTransport(
      takingOver: StreamSocket(owning: ends[0]), pcie_link_hello(), LinkTerms(OutsideSettings()))
    let descriptors = StreamSocket(owning: ends[1]).readPassing().descriptors
    let file = try #require(descriptors.first)
    var status = stat()
    try #require(unsafe fstat(file.number, &status) == 0)
    length = Int(status.st_size)
    let place = unsafe mmap(nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, file.number, 0)
    let isMapped = unsafe place != MAP_FAILED
    try #require(isMapped)
    unsafe memory = place ?? UnsafeMutableRawPointer(end)
    unsafe pcie_link_end_open(
      end, memory, UInt32(LinkTerms(OutsideSettings()).slots), CInt(PCIE_LINK_TO_BROKER))
  }

  deinit {
    hangUp()
    unsafe munmap(memory, length)
    unsafe end.deallocate()
  }

  /// Adds a TLP; false when the ring is full.
  func send(_ header: TLPHeader, _ payload: [UInt8] = []) -> Bool {
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = bytes.withMutableRawSpan { header.encode(into: &$0) }
    return push(Array(bytes[..<count]) + payload, CInt(PCIE_LINK_RECORD_TLP))
  }

  func sayGoodbye() -> Bool { push([], CInt(PCIE_LINK_RECORD_GOODBYE)) }

  private func push(_ bytes: [UInt8], _ kind: CInt) -> Bool {
    let result = unsafe bytes.withUnsafeBytes {
      unsafe pcie_link_push(end, UInt8(kind), 0, 0, $0.baseAddress, UInt32($0.count), nil, 0)
    }
    unsafe pcie_link_publish(end)
    return result == CInt(PCIE_LINK_OK)
  }

  /// Takes what has come, and gives the tags of completions.
  func takeTags() -> [UInt16] {
    var tags: [UInt16] = []
    var record = pcie_link_record()
    var body = [UInt8](repeating: 0, count: Int(PCIE_LINK_BODY_MAX) + 64)
    while unsafe pcie_link_pop(end, &record, &body) > 0 {
      guard let header = try? TLPHeader(decoding: body.rawSpan), header.isCompletionShaped else { continue }
      tags.append(header.tag)
    }
    return tags
  }

  /// Closes the socket, as the system does for a program that dies.
  func hangUp() {
    if socket >= 0 { close(socket) }
    socket = -1
  }
}
