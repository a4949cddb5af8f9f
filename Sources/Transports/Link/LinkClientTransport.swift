import CPCIeLink
public import LinkBroker
import PCIe
public import Simulation

/// A node of this fabric as a device on the link of another broker, to which this process is a program
/// outside.
@safe public final class LinkClientTransport: Transport {
  public private(set) var state = TransportState.up

  private let link: OpaquePointer
  /// One bit for each `PCIE_LINK_STATE_*` that has come.
  private let news: UnsafeMutablePointer<UInt32>
  private let buffer: UnsafeMutableRawPointer
  private let descriptor: CInt

  /// Connects to the broker at `unix:PATH#NODE`, and waits for its answer for at most ten seconds.
  ///
  /// - Throws: why there is no link.
  public init(url: String) throws(LinkError) {
    let news = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
    unsafe news.initialize(to: 0)
    var options = unsafe pcie_link_options()
    unsafe options.role = CInt(PCIE_LINK_DEVICE)
    unsafe options.raw = 1
    unsafe options.context = UnsafeMutableRawPointer(news)
    unsafe options.state = { context, _, state in
      unsafe context?.assumingMemoryBound(to: UInt32.self).pointee |= 1 << UInt32(state)
    }
    var opened: OpaquePointer?
    let result = unsafe pcie_link_open(url, &options, &opened)
    guard result >= 0, let link = unsafe opened else {
      let text = unsafe String(cString: pcie_link_error_text(opened))
      unsafe pcie_link_close(opened)
      unsafe news.deallocate()
      throw LinkError(result, text)
    }
    unsafe self.link = link
    unsafe self.news = news
    unsafe buffer = .allocate(byteCount: Int(PCIE_LINK_TLP_BYTES_MAX), alignment: 16)
    descriptor = unsafe pcie_link_fd(link)
  }

  deinit {
    unsafe pcie_link_close(link)
    unsafe news.deallocate()
    unsafe buffer.deallocate()
  }

  public var deadline: VirtualTime? { nil }
  public var waits: [TransportWait] { [TransportWait(descriptor: descriptor)] }
  /// It looks at the ring at each turn.
  public func wake(_ ready: [CInt]) {}
  public func takeNotes() -> [String] { [] }

  public func exchange(with node: any OutsideEnd, in fabric: inout Fabric) -> Bool {
    guard state == .up else { return false }
    var hasMoved = false
    while receive(for: node, in: &fabric) { hasMoved = true }
    obey(node, in: &fabric)
    while state == .up, let first = node.outbox.first, send(first, in: fabric) {
      node.outbox.removeFirst(in: &fabric)
      hasMoved = true
    }
    return hasMoved
  }

  private func receive(for node: any OutsideEnd, in fabric: inout Fabric) -> Bool {
    let count = unsafe pcie_link_receive(link, buffer, Int(PCIE_LINK_TLP_BYTES_MAX), 0)
    guard count > 0 else {
      if count != CInt(PCIE_LINK_E_TIMEOUT), count != CInt(PCIE_LINK_E_EMPTY) {
        state = .lost(count == CInt(PCIE_LINK_E_CLOSED) ? .closed : .garbage("\(LinkError(count))"))
      }
      return false
    }
    let bytes = unsafe RawSpan(_unsafeStart: buffer, byteCount: Int(count))
    do throws(TLPError) {
      _ = node.submit(try FabricTLP(bytes, in: &fabric), in: &fabric)
    } catch {
      state = .lost(.garbage("a record that is no TLP: \(error)"))
    }
    return true
  }

  private func send(_ tlp: FabricTLP, in fabric: borrowing Fabric) -> Bool {
    var copy = TLP(header: tlp.header, payload: fabric.payloads.copy(tlp.payload))
    if copy.header.hasDigest { copy.seal() }
    let bytes = copy.bytes
    let result = unsafe bytes.withUnsafeBytes {
      unsafe pcie_link_send(link, $0.baseAddress, $0.count, 0)
    }
    if result == CInt(PCIE_LINK_E_CLOSED) { state = .lost(.closed) }
    return result >= 0
  }

  /// Does to this side's link what has happened to the other's.
  private func obey(_ node: any OutsideEnd, in fabric: inout Fabric) {
    let states = unsafe news.pointee
    guard states != 0, let port = node.port else { return }
    unsafe news.pointee = 0
    if states & (1 << UInt32(PCIE_LINK_STATE_HOT_RESET) | 1 << UInt32(PCIE_LINK_STATE_DOWN)) != 0 {
      fabric.order(.hotReset, link: port.link)
    }
  }
}
