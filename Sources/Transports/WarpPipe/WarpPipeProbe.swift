import PCIe
import Simulation

/// Finds out by configuration requests what function a Warp Pipe device is, and gives its BARs addresses.
///
/// It sizes with all ones and sets the BARs in the order of their indices, as this peer knows nothing else: a
/// BAR without an address claims every request.
/// - Source: Warp Pipe 74950a0, its library and memory-mock; PCI Local Bus 3.0, 6.2.5.1 for sizing.
struct WarpPipeProbe: Sendable {
  private enum Access: Hashable {
    case read(Int)
    case write(Int, UInt32)
  }

  /// What became of it so far.
  enum Outcome: Hashable, Sendable {
    case open
    case found(LinkDescription, [WarpPipeWindow])
    case failed(WarpPipeProbeError)
  }

  private(set) var outcome = Outcome.open
  private var accesses: [Access]
  private var next = 0
  private var isWaiting = false
  private var words: [Int: UInt32] = [:]
  private var found: (description: LinkDescription, windows: [WarpPipeWindow])?

  private static let bars = 0..<6

  init() {
    accesses = [0, 0x8, 0xc, 0x2c].map { .read($0) }
    for bar in Self.bars {
      accesses += [.write(HeaderRegister.bar(bar), .max), .read(HeaderRegister.bar(bar))]
    }
  }

  /// Goes on as far as it can.
  mutating func advance(_ session: inout WarpPipeSession) {
    while outcome == .open {
      if isWaiting {
        guard let completion = session.nextTLP() else { return }
        take(completion)
      } else if next < accesses.count {
        send(accesses[next], on: &session)
      } else if let found {
        outcome = .found(found.description, found.windows)
      } else {
        conclude()
      }
    }
  }

  private mutating func send(_ access: Access, on session: inout WarpPipeSession) {
    isWaiting =
      switch access {
      case .read(let offset):
        session.send(
          TLP(
            header: .configurationRead(
              of: .unnamed, offset: offset, bytes: 4, requester: .unnamed, tag: 0)), at: .zero)
      case .write(let offset, let value):
        session.send(
          TLP(
            header: .configurationWrite(
              to: .unnamed, offset: offset, bytes: 4, requester: .unnamed, tag: 0),
            payload: (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }), at: .zero)
      }
    precondition(isWaiting, "one request at a time always finds room")
  }

  private mutating func take(_ tlp: TLP) {
    // A device that asks before it is asked has no place to ask yet.
    guard tlp.header.isCompletionShaped else { return }
    isWaiting = false
    defer { next += 1 }
    guard case .read(let offset) = accesses[next] else { return }
    guard tlp.header.completionStatus == .successful, tlp.payload.count == 4 else {
      outcome = .failed(.refused(offset: offset))
      return
    }
    words[offset] = tlp.payload.loadLE(at: 0, as: UInt32.self)
  }

  private func word(_ offset: Int) -> UInt32 { words[offset] ?? 0 }

  /// Makes a description of what was read, and goes on with the addresses.
  private mutating func conclude() {
    let identity = word(0)
    guard identity != .max, identity & 0xffff != 0 else {
      outcome = .failed(.noFunction(identity))
      return
    }
    let type = UInt8(truncatingIfNeeded: word(0xc) >> 16) & 0x7f
    guard type == 0 else {
      outcome = .failed(.headerType(type))
      return
    }
    let bars = bars()
    guard let windows = WarpPipeWindow.place(bars) else {
      outcome = .failed(.tooLarge(bars))
      return
    }
    let description = LinkDescription(
      identity: LinkDescription.Identity(
        vendorID: UInt16(truncatingIfNeeded: identity), deviceID: UInt16(truncatingIfNeeded: identity >> 16),
        subsystemVendorID: UInt16(truncatingIfNeeded: word(0x2c)),
        subsystemID: UInt16(truncatingIfNeeded: word(0x2c) >> 16), classCode: word(0x8) >> 8,
        revisionID: UInt8(truncatingIfNeeded: word(0x8))),
      // The wire carries no interrupts but memory writes of the device.
      interruptPin: 0, msiVectors: 0, msix: nil, maxPayloadBytes: Self.maxPayloadBytes, bars: bars)
    found = (description, windows)
    for window in windows {
      let register = HeaderRegister.bar(window.bar.index)
      accesses.append(.write(register, window.peerAddress))
      if window.bar.is64Bit { accesses.append(.write(register + 4, 0)) }
    }
  }

  /// - Units: bytes.
  private static let maxPayloadBytes = 4096

  /// The BARs by what they answered to all ones.
  ///
  /// The peer's own mock says I/O for memory, and nobody says it for I/O.
  private func bars() -> [BarLayout] {
    var bars: [BarLayout] = []
    var index = 0
    while index < Self.bars.count {
      defer { index += 1 }
      let low = word(HeaderRegister.bar(index))
      guard low != 0 else { continue }
      let isIO = low & 1 == 1
      let isPrefetchable = !isIO && low & 8 != 0
      let isWide = !isIO && low & 6 == 4 && index < 5
      let mask = UInt64(isWide ? word(HeaderRegister.bar(index + 1)) : .max) << 32 | UInt64(low & ~0xf)
      bars.append(
        BarLayout(
          index: index, bytes: max(16, 1 << UInt64(mask.trailingZeroBitCount)),
          kind: isWide ? .memory64(prefetchable: isPrefetchable) : .memory32(prefetchable: isPrefetchable)))
      if isWide { index += 1 }
    }
    return bars
  }
}

/// Why a device on a Warp Pipe wire is no function.
enum WarpPipeProbeError: Error, Hashable, Sendable {
  case refused(offset: Int)
  case noFunction(UInt32)
  case headerType(UInt8)
  case tooLarge([BarLayout])
}

extension WarpPipeProbeError: CustomStringConvertible {
  var description: String {
    switch self {
    case .refused(let offset):
      "it has failed the read of register 0x\(String(offset, radix: 16)); a device answers with four bytes"
    case .noFunction(let identity):
      "its register 0x0 reads 0x\(String(identity, radix: 16)), which is no Vendor ID and Device ID"
    case .headerType(let type): "its header is of type \(type); a device has type 0"
    case .tooLarge(let bars):
      "its BARs do not fit below 4 GiB, which this wire ends at: "
        + bars.map { "bar\($0.index) of \($0.bytes) bytes" }.joined(separator: ", ")
    }
  }
}
