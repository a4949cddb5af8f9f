/// A participant of a topology: a built-in model, or a simulator described by a board file.
public struct NodeDescription: Hashable, Sendable {
  /// What plays the node.
  public enum Player: Hashable, Sendable {
    case model(ModelSettings)
    case board(BoardNode)
  }

  public var name: String
  public var player: Player
  /// False for a node that a `start` step starts.
  public var startsAutomatically: Bool
  /// The place of the node's name.
  public var span: SourceSpan

  /// The model that plays the node; nil for a board.
  public var model: Model? {
    if case .model(let settings) = player { settings.model } else { nil }
  }

  /// The settings of the model that plays the node; nil for a board.
  public var settings: ModelSettings? {
    if case .model(let settings) = player { settings } else { nil }
  }

  /// What is known of the node's function: of a model everything, of a program what the suite says; nil where
  /// only the program knows.
  public var function: FunctionDescription? {
    switch player {
    case .model(let settings): FunctionDescription(settings)
    case .board(let board): board.function
    }
  }

  /// Where the node stands in the hierarchy.
  public var role: Role {
    switch player {
    case .model(let settings): settings.model.role
    case .board(let board): board.role
    }
  }

  /// The places a node can have in a hierarchy.
  public enum Role: String, Hashable, Sendable {
    case rootComplex = "root-complex"
    case fabric = "switch"
    case endpoint
    /// A process that takes no part in the hierarchy.
    case portless = "process"

    /// The role with its article, for messages.
    var phrase: String {
      switch self {
      case .rootComplex: "a root complex"
      case .fabric: "a switch"
      case .endpoint: "an endpoint"
      case .portless: "a process without a port"
      }
    }
  }
}

/// The built-in models.
public enum Model: String, CaseIterable, Hashable, Sendable {
  case rootComplex = "root-complex"
  case `switch` = "switch"
  case memoryMock = "memory-mock"
  case dmaEndpoint = "dma-endpoint"
  case revereAMU = "revere-amu"
  case nvme

  /// Where the model stands in the hierarchy.
  public var role: NodeDescription.Role {
    switch self {
    case .rootComplex: .rootComplex
    case .switch: .fabric
    case .memoryMock, .dmaEndpoint, .revereAMU, .nvme: .endpoint
    }
  }
}

/// How a built-in model is set up.
public struct ModelSettings: Hashable, Sendable {
  public var model: Model
  /// Host memory of a root complex from bus address 0; 0 for every other model.
  ///
  /// - Units: bytes.
  public var memory: UInt64
  /// Host memory behind it that device servers by vfio-user map; 0 for every other model.
  ///
  /// - Units: bytes.
  public var shared: UInt64 = 0
  /// In the order of their index.
  public var bars: [BarDescription]
  /// What the suite sets of the function's identity; nil fields leave the model's own.
  public var identity: FunctionIdentity
  /// MSI-X vectors of the function; 0 gives no MSI-X capability.
  public var msixVectors: Int
  /// MSI vectors of the function, a power of two; 0 gives no MSI capability.
  public var msiVectors: Int
  /// Sizes of a Revere-AMU; nil for every other model.
  public var amu: AMUSettings?
  /// Queues and namespaces of an NVMe controller; nil for every other model.
  public var nvme: NVMeSettings?

}

/// Identification registers as a suite sets them.
public struct FunctionIdentity: Hashable, Sendable {
  public var vendor: UInt16?
  public var device: UInt16?
  /// Base class, sub-class and programming interface in 24 bits.
  public var classCode: UInt32?
  public var revision: UInt8?
  public var subsystemVendor: UInt16?
  public var subsystemDevice: UInt16?

  /// Leaves every register to the model.
  public init() {}
}

/// One base address register, or two that hold a 64-bit address.
public struct BarDescription: Hashable, Sendable {
  /// The address space a BAR decodes.
  public enum Space: String, CaseIterable, Hashable, Sendable {
    case memory
    case io
  }

  /// Whether writes change what the BAR holds.
  public enum Access: String, CaseIterable, Hashable, Sendable {
    case readWrite = "read-write"
    case readOnly = "read-only"
  }

  /// The number of the first register, 0 to 5.
  public var index: Int
  /// - Units: bytes, a power of two.
  public var size: UInt64
  public var is64Bit: Bool
  public var isPrefetchable: Bool
  public var space: Space
  public var access: Access
  /// Whether a host by vfio-user maps it, so that nothing is seen of its accesses.
  public var isMapped = false
  /// The place of the BAR's name; of the node's name for a BAR the model has by default.
  public var span: SourceSpan

  /// The name in suites, such as `bar2`.
  public var name: String { "bar\(index)" }
}

/// The resources of a Revere-AMU model.
public struct AMUSettings: Hashable, Sendable {
  public var softwareContexts = 16
  /// Of each accelerator.
  public var hardwareContexts = 4
  public var sessions = 64
  public var virtualFunctions = 0
  /// TX and RX sockets of a software context, and of a hardware context.
  public var sockets = 64
  /// Where it learns of its rings: `a1` or `b`.
  public var socketType = "a1"
  /// Names of accelerators, one for each AHA.
  public var accelerators = ["invert"]

  /// The sizes of a unit of which a suite says nothing.
  public init() {}
}

/// The queues and namespaces of an NVMe model.
public struct NVMeSettings: Hashable, Sendable {
  /// Where the blocks of a namespace are kept.
  public enum Storage: Hashable, Sendable {
    /// - Units: bytes.
    case memory(UInt64)
    /// The path, from the folder that the program runs in.
    case file(String)
  }

  /// A namespace, by the order of IDs.
  public struct Namespace: Hashable, Sendable {
    public var storage: Storage
    /// - Units: bytes.
    public var block: UInt64 = 512
  }

  /// Pairs of I/O queues.
  public var queues = 8
  public var namespaces = [Namespace(storage: .memory(16 << 20))]

  /// What a suite that says nothing gets.
  public init() {}
}

/// A node that a simulator plays.
public struct BoardNode: Hashable, Sendable {
  public var board: String
  public var image: String?
  /// Which end of its links the simulator plays; `portless` for a process without links.
  public var role: NodeDescription.Role
  /// The TCP port that the suite gives; nil leaves it to the broker.
  public var port: UInt16?
  /// What the suite says of the function of a device; nil leaves that to its program.
  public var function: FunctionDescription?
  /// For how long its process stays.
  public var scope = Scope.case

  public init(
    board: String, image: String?, role: NodeDescription.Role, port: UInt16? = nil,
    function: FunctionDescription? = nil, scope: Scope = .case
  ) {
    self.board = board
    self.image = image
    self.role = role
    self.port = port
    self.function = function
    self.scope = scope
  }

  /// How long a process stays.
  public enum Scope: String, CaseIterable, Hashable, Sendable {
    /// From the start of a case to its end.
    case `case`
    /// From case to case, as long as each leaves it as it was.
    case suite
  }
}
