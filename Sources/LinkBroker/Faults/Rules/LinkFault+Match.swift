public import PCIe

extension LinkFault {
  /// What a TLP or DLLP must look like; all given parts must fit.
  public struct Match: Hashable, Sendable {
    /// What can match at all.
    public enum Subject: Hashable, Sendable {
      case tlps(TLPKinds)
      case dllps(DLLPKinds)
      /// The memory write that carries the interrupt of this MSI-X vector.
      case interrupt(vector: Int)
    }

    public var subject: Subject
    /// A memory, I/O or AtomicOp request that touches one of these addresses.
    public var address: ClosedRange<UInt64>?
    /// What a memory request asks for or writes, or the payload of another TLP.
    ///
    /// - Units: bytes.
    public var length: ClosedRange<Int>?
    public var tag: UInt16?
    /// The requester, also in its completions.
    public var requester: FunctionAddress?
    /// A memory, I/O or configuration request with exactly these byte enables of the first DW.
    public var firstByteEnables: UInt8?

    public init(
      _ subject: Subject = .tlps(.any), address: ClosedRange<UInt64>? = nil, length: ClosedRange<Int>? = nil,
      tag: UInt16? = nil, requester: FunctionAddress? = nil, firstByteEnables: UInt8? = nil
    ) {
      self.subject = subject
      self.address = address
      self.length = length
      self.tag = tag
      self.requester = requester
      self.firstByteEnables = firstByteEnables
    }
  }

  /// Kinds of TLPs.
  ///
  /// - Layout: a bit for each `TLPKind`, at its raw value; bit 31 for TLPs that have no kind.
  public struct TLPKinds: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The set of some kinds.
    public init(_ kinds: TLPKind...) { rawValue = kinds.reduce(0) { $0 | 1 << UInt32($1.rawValue) } }

    public static let any = TLPKinds(rawValue: .max)
  }

  /// Kinds of DLLPs.
  public struct DLLPKinds: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let ack = DLLPKinds(rawValue: 1 << 0)
    public static let nak = DLLPKinds(rawValue: 1 << 1)
    public static let updateFC = DLLPKinds(rawValue: 1 << 2)
    public static let any: DLLPKinds = [.ack, .nak, .updateFC]
  }
}
