/// What a transaction layer packet asks for or answers, independent of its header length.
///
/// - Source: PCI Express Base 5.0, 2.2.1 table 2-3 "Fmt[2:0] and Type[4:0] Field Encodings".
@frozen
public enum TLPKind: UInt8, CaseIterable, Hashable, Sendable {
  case memoryRead
  case memoryReadLocked
  case memoryWrite
  case ioRead
  case ioWrite
  case configurationRead0
  case configurationWrite0
  case configurationRead1
  case configurationWrite1
  case message
  case messageWithData
  case completion
  case completionWithData
  case completionLocked
  case completionLockedWithData
  case fetchAdd
  case swap
  case compareAndSwap

  /// The flow control class, which also decides the row of the ordering table.
  @inlinable
  public var flowControlClass: FlowControlClass {
    switch self {
    case .memoryWrite, .message, .messageWithData: .posted
    case .completion, .completionWithData, .completionLocked, .completionLockedWithData: .completion
    default: .nonPosted
    }
  }

  /// Whether this answers a request.
  @inlinable
  public var isCompletion: Bool { flowControlClass == .completion }

  /// Whether a payload follows the header.
  @inlinable
  public var hasData: Bool {
    switch self {
    case .memoryWrite, .ioWrite, .configurationWrite0, .configurationWrite1, .messageWithData,
      .completionWithData, .completionLockedWithData, .fetchAdd, .swap, .compareAndSwap:
      true
    default: false
    }
  }

  /// Whether the request is routed by a memory address and may have a 64-bit one.
  @inlinable
  public var isMemoryRequest: Bool {
    switch self {
    case .memoryRead, .memoryReadLocked, .memoryWrite, .fetchAdd, .swap, .compareAndSwap: true
    default: false
    }
  }

  /// Whether the request is a fetch-and-add, a swap or a compare-and-swap.
  @inlinable
  public var isAtomic: Bool { self == .fetchAdd || self == .swap || self == .compareAndSwap }

  /// Whether the request is routed by ID to a register of a function.
  @inlinable
  public var isConfigurationRequest: Bool {
    switch self {
    case .configurationRead0, .configurationRead1, .configurationWrite0, .configurationWrite1: true
    default: false
    }
  }

  /// Whether this is a message, with data or without.
  @inlinable
  public var isMessage: Bool { self == .message || self == .messageWithData }

  /// The specification's mnemonic.
  public var mnemonic: String {
    switch self {
    case .memoryRead: "MRd"
    case .memoryReadLocked: "MRdLk"
    case .memoryWrite: "MWr"
    case .ioRead: "IORd"
    case .ioWrite: "IOWr"
    case .configurationRead0: "CfgRd0"
    case .configurationWrite0: "CfgWr0"
    case .configurationRead1: "CfgRd1"
    case .configurationWrite1: "CfgWr1"
    case .message: "Msg"
    case .messageWithData: "MsgD"
    case .completion: "Cpl"
    case .completionWithData: "CplD"
    case .completionLocked: "CplLk"
    case .completionLockedWithData: "CplDLk"
    case .fetchAdd: "FetchAdd"
    case .swap: "Swap"
    case .compareAndSwap: "CAS"
    }
  }
}

extension TLPKind {
  /// The Type field, without the routing bits of a message.
  @inlinable
  public var typeField: UInt8 {
    switch self {
    case .memoryRead, .memoryWrite: 0b00000
    case .memoryReadLocked: 0b00001
    case .ioRead, .ioWrite: 0b00010
    case .configurationRead0, .configurationWrite0: 0b00100
    case .configurationRead1, .configurationWrite1: 0b00101
    case .message, .messageWithData: 0b10000
    case .completion, .completionWithData: 0b01010
    case .completionLocked, .completionLockedWithData: 0b01011
    case .fetchAdd: 0b01100
    case .swap: 0b01101
    case .compareAndSwap: 0b01110
    }
  }

  /// The kind that Fmt and Type name, or nil where the encoding is undefined or a prefix.
  ///
  /// - Layout: Fmt in bits 7:5, Type in bits 4:0, the first byte of the header.
  @inlinable
  public init?(formatAndType byte: UInt8) {
    let withData = byte & 0b010_00000 != 0
    if byte & 0b100_00000 != 0 { return nil }
    let fourDWs = byte & 0b001_00000 != 0
    switch byte & 31 {
    case 0b00000: self = withData ? .memoryWrite : .memoryRead
    case 0b00001 where !withData: self = .memoryReadLocked
    case 0b00010 where !fourDWs: self = withData ? .ioWrite : .ioRead
    case 0b00100 where !fourDWs: self = withData ? .configurationWrite0 : .configurationRead0
    case 0b00101 where !fourDWs: self = withData ? .configurationWrite1 : .configurationRead1
    case 0b01010 where !fourDWs: self = withData ? .completionWithData : .completion
    case 0b01011 where !fourDWs: self = withData ? .completionLockedWithData : .completionLocked
    case 0b01100 where withData: self = .fetchAdd
    case 0b01101 where withData: self = .swap
    case 0b01110 where withData: self = .compareAndSwap
    case 0b10000...0b10111 where fourDWs: self = withData ? .messageWithData : .message
    default: return nil
    }
  }
}
