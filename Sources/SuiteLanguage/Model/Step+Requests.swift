public import PCIe

/// The function that a configuration request or an AER check addresses.
public enum FunctionTarget: Hashable, Sendable {
  /// An endpoint's function, or the upstream port of a switch.
  case node(String)
  /// The root port or switch downstream port that owns the link.
  case port(node: String, link: String)
  /// A bus, device and function number, whether anything answers there or not.
  case address(FunctionAddress)

  /// The target as suites write it.
  public var text: String {
    switch self {
    case .node(let node): node
    case .port(let node, let link): "\(node).\(link)"
    case .address(let address): address.description
    }
  }
}

/// A region of a function that a memory request can be aimed at.
public enum FunctionRegion: Hashable, Sendable {
  case bar(Int)
  /// The MSI-X table, wherever the function keeps it; 16 bytes for each vector.
  case msixTable
  /// The MSI-X pending bits, wherever the function keeps them; 8 bytes for each 64 vectors.
  case msixPending

  /// The word behind the dot in suites.
  public var name: String {
    switch self {
    case .bar(let index): "bar\(index)"
    case .msixTable: "msix_table"
    case .msixPending: "msix_pba"
    }
  }
}

/// Where a memory request goes.
public enum MemoryTarget: Hashable, Sendable {
  case region(FunctionTarget, FunctionRegion, offset: UInt64)
  case address(UInt64)
}

extension Step {
  /// Reads a configuration register.
  public struct ConfigurationRead: Hashable, Sendable {
    public var requester: String
    public var function: FunctionTarget
    /// What the offset counts from; nil for the start of the configuration space.
    public var capability: CapabilityName?
    /// - Units: bytes, 0 to 4095, aligned to the size.
    public var offset: Int
    /// - Units: bytes: 1, 2 or 4.
    public var size: Int
    public var expectation: ReadExpectation

    public init(
      requester: String, function: FunctionTarget, capability: CapabilityName? = nil, offset: Int, size: Int,
      expectation: ReadExpectation
    ) {
      self.requester = requester
      self.function = function
      self.capability = capability
      self.offset = offset
      self.size = size
      self.expectation = expectation
    }
  }

  /// Writes a configuration register.
  public struct ConfigurationWrite: Hashable, Sendable {
    public var requester: String
    public var function: FunctionTarget
    /// What the offset counts from; nil for the start of the configuration space.
    public var capability: CapabilityName?
    /// - Units: bytes, 0 to 4095, aligned to the size.
    public var offset: Int
    /// - Units: bytes: 1, 2 or 4.
    public var size: Int
    public var data: DataSource
    public var status: ExpectedStatus
  }

  /// Reads memory of a function, or at a bus address.
  public struct MemoryRead: Hashable, Sendable {
    public var requester: String
    public var target: MemoryTarget
    /// - Units: bytes.
    public var length: UInt64
    public var expectation: ReadExpectation

    public init(requester: String, target: MemoryTarget, length: UInt64, expectation: ReadExpectation) {
      self.requester = requester
      self.target = target
      self.length = length
      self.expectation = expectation
    }
  }

  /// Writes memory of a function, or at a bus address, by posted writes.
  public struct MemoryWrite: Hashable, Sendable {
    public var requester: String
    public var target: MemoryTarget
    public var data: DataSource
    /// The name under which later steps find what was sent.
    public var save: String?

    public init(requester: String, target: MemoryTarget, data: DataSource, save: String? = nil) {
      self.requester = requester
      self.target = target
      self.data = data
      self.save = save
    }
  }

  /// Makes an endpoint read host memory.
  public struct DMARead: Hashable, Sendable {
    public var requester: String
    public var address: UInt64
    /// - Units: bytes.
    public var length: UInt64
    public var expectation: ReadExpectation

    public init(requester: String, address: UInt64, length: UInt64, expectation: ReadExpectation) {
      self.requester = requester
      self.address = address
      self.length = length
      self.expectation = expectation
    }
  }

  /// Makes an endpoint write host memory.
  public struct DMAWrite: Hashable, Sendable {
    public var requester: String
    public var address: UInt64
    public var data: DataSource
    /// The name under which later steps find what was sent.
    public var save: String?

    public init(requester: String, address: UInt64, data: DataSource, save: String? = nil) {
      self.requester = requester
      self.address = address
      self.data = data
      self.save = save
    }
  }

  /// Makes an endpoint raise an MSI-X vector.
  public struct InterruptRequest: Hashable, Sendable {
    public var node: String
    public var vector: Int

    public init(node: String, vector: Int) {
      self.node = node
      self.vector = vector
    }
  }
}
