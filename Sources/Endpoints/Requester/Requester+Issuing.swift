public import LinkBroker
public import PCIe
public import Simulation

extension Requester {
  /// Reads memory; split by Max_Read_Request_Size and at each 4 KiB boundary.
  ///
  /// A count of zero is the zero-length read that flushes earlier writes.
  /// - Source: PCI Express Base 5.0, 2.2.7 "Memory, I/O, and Configuration Request Rules", 2.2.5.1 (zero
  ///   length).
  public mutating func beginRead(
    address: UInt64, count: Int, timeout: VirtualDuration? = nil, prefix: TLPPrefix? = nil,
    over path: borrowing some RequestPath & ~Copyable,
    in fabric: inout Fabric
  ) -> RequestOperation {
    let index = open(.memoryRead, total: count, timeout: timeout)
    transfers[index].address = address
    transfers[index].prefix = prefix
    start(index, over: path, in: &fabric)
    return RequestOperation(index: index)
  }

  /// Reads one, two or four bytes of a function's configuration space.
  public mutating func beginConfigurationRead(
    of target: FunctionAddress, offset: Int, count: Int, timeout: VirtualDuration? = nil,
    over path: borrowing some RequestPath & ~Copyable, in fabric: inout Fabric
  ) -> RequestOperation {
    let index = open(.configurationRead, total: count, timeout: timeout)
    transfers[index].target = target
    transfers[index].address = UInt64(offset)
    start(index, over: path, in: &fabric)
    return RequestOperation(index: index)
  }

  /// Writes one, two or four bytes of a function's configuration space.
  public mutating func beginConfigurationWrite(
    to target: FunctionAddress, offset: Int, data: [UInt8], timeout: VirtualDuration? = nil,
    over path: borrowing some RequestPath & ~Copyable, in fabric: inout Fabric
  ) -> RequestOperation {
    let index = open(.configurationWrite, total: data.count, timeout: timeout)
    transfers[index].target = target
    transfers[index].address = UInt64(offset)
    copyBytes(from: data, at: 0, to: &transfers[index].buffer, at: 0, count: data.count)
    start(index, over: path, in: &fabric)
    return RequestOperation(index: index)
  }

  /// Reads up to four bytes of I/O space that lie in one DW.
  public mutating func beginIORead(
    address: UInt32, count: Int, timeout: VirtualDuration? = nil,
    over path: borrowing some RequestPath & ~Copyable,
    in fabric: inout Fabric
  ) -> RequestOperation {
    let index = open(.ioRead, total: count, timeout: timeout)
    transfers[index].address = UInt64(address)
    start(index, over: path, in: &fabric)
    return RequestOperation(index: index)
  }

  /// Writes up to four bytes of I/O space that lie in one DW.
  public mutating func beginIOWrite(
    address: UInt32, data: [UInt8], timeout: VirtualDuration? = nil,
    over path: borrowing some RequestPath & ~Copyable,
    in fabric: inout Fabric
  ) -> RequestOperation {
    let index = open(.ioWrite, total: data.count, timeout: timeout)
    transfers[index].address = UInt64(address)
    copyBytes(from: data, at: 0, to: &transfers[index].buffer, at: 0, count: data.count)
    start(index, over: path, in: &fabric)
    return RequestOperation(index: index)
  }

  @inline(__always)
  private mutating func start(
    _ index: Int, over path: borrowing some RequestPath & ~Copyable, in fabric: inout Fabric
  ) {
    issue(index, over: path, in: &fabric)
  }

  /// Sends requests of a transfer until all are sent or no tag is free.
  @inline(__always)
  mutating func issue(
    _ index: Int, over path: borrowing some RequestPath & ~Copyable, in fabric: inout Fabric
  ) {
    guard limits.mayRequest else { return stop(index) }
    repeat {
      guard let tag = tags.take() else {
        waiting.append(index)
        return
      }
      guard send(index, tag, over: path, in: &fabric) else { return refuse(index, tag) }
    } while transfers[index].issued < transfers[index].total
  }

  /// The right to request is gone: what has not been sent never will be.
  private mutating func stop(_ index: Int) {
    transfers[index].fail(.notSent)
    if transfers[index].outstanding == 0 { transfers[index].isDone = true }
  }

  /// No port leads to the target: the transfer ends as if nobody had claimed the request.
  private mutating func refuse(_ index: Int, _ tag: UInt16) {
    pending[Int(tag)].operation = -1
    tags.release(tag)
    transfers[index].fail(.unsupportedRequest)
    transfers[index].outstanding -= 1
    if transfers[index].outstanding == 0 { transfers[index].isDone = true }
  }

  @inline(__always)
  private mutating func send(
    _ index: Int, _ tag: UInt16, over path: borrowing some RequestPath & ~Copyable, in fabric: inout Fabric
  ) -> Bool {
    let piece = transfers[index].takePiece(limit: limits.maxReadRequestBytes)
    let deadline = fabric.now + piece.timeout
    pending[Int(tag)] = PendingRequest(
      operation: Int32(truncatingIfNeeded: index), bufferOffset: Int32(truncatingIfNeeded: piece.offset),
      remaining: Int32(truncatingIfNeeded: piece.count), nextAddress: piece.address, deadline: deadline)
    var header = header(piece, tag)
    if let prefix = piece.prefix { header.prefixes.append(prefix) }
    if limits.translates, piece.kind == .memoryRead {
      translate(&header, piece, tag, over: path, in: &fabric)
    }
    guard let port = path.port(for: &header) else { return false }
    arm(deadline, in: &fabric)
    countRequest()
    let payload = header.hasData ? payload(index, piece, in: &fabric) : .none
    fabric.send(FabricTLP(header: header, payload: payload), from: port)
    return true
  }

  /// Has a read go by its translation, where there is one: without PASID.
  ///
  /// - Source: PCI Express Base 5.0, 6.20 "PASID TLP Prefix".
  private mutating func translate(
    _ header: inout TLPHeader, _ piece: RequestTransfer.Piece, _ tag: UInt16,
    over path: borrowing some RequestPath & ~Copyable, in fabric: inout Fabric
  ) {
    let target = translated(piece.address, piece.prefix, isWrite: false, over: path, in: &fabric)
    guard let target else { return }
    header = .memoryRead(address: target, bytes: piece.count, requester: id, tag: tag)
    header.addressType = TLPHeader.translatedType
    pending[Int(tag)].isTranslated = true
  }

  @inline(__always)
  private func header(_ piece: RequestTransfer.Piece, _ tag: UInt16) -> TLPHeader {
    let (address, count) = (piece.address, piece.count)
    let (offset, low) = (Int(truncatingIfNeeded: address), UInt32(truncatingIfNeeded: address))
    switch piece.kind {
    case .memoryRead: return .memoryRead(address: address, bytes: count, requester: id, tag: tag)
    case .translation: return .translationRequest(page: address >> 12, requester: id, tag: tag)
    case .configurationRead:
      return .configurationRead(of: piece.target, offset: offset, bytes: count, requester: id, tag: tag)
    case .configurationWrite:
      return .configurationWrite(to: piece.target, offset: offset, bytes: count, requester: id, tag: tag)
    case .ioRead: return .ioRead(address: low, bytes: count, requester: id, tag: tag)
    case .ioWrite: return .ioWrite(address: low, bytes: count, requester: id, tag: tag)
    }
  }

  private func payload(
    _ index: Int, _ piece: RequestTransfer.Piece, in fabric: inout Fabric
  ) -> PayloadReference {
    let payload = fabric.payloads.take(bytes: 4)
    fabric.payloads.setWord(payload, to: 0)
    fabric.payloads.write(
      transfers[index].buffer, from: 0, count: piece.count, to: payload, at: Int(piece.address & 3))
    return payload
  }

  /// The bytes of a transfer's next request: as many as the limit and the 4 KiB rule allow.
  ///
  /// The limit counts DWs from the aligned start, so a first piece that starts inside a DW is shorter.
  static func pieceBytes(_ address: UInt64, _ left: Int, limit: Int) -> Int {
    let toBoundary = 4096 - Int(address & 0xfff)
    return min(left, min(limit - Int(address & 3), toBoundary))
  }
}
