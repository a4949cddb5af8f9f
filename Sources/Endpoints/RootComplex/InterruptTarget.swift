public import PCIe

/// Where message signalled interrupts arrive: a window of addresses, and the meaning of each data value.
///
/// - Layout: the window that x86 hosts use, 1 MiB from 0xfee0_0000.
public struct InterruptTarget: Sendable {
  /// The address that functions are told to write to.
  public static let address: UInt64 = 0xfee0_0000
  static let limit: UInt64 = 0xfeef_ffff

  /// One interrupt that a function may send.
  public struct Source: Hashable, Sendable {
    public var function: FunctionAddress
    public var kind: Kind
    public var vector: Int
  }

  /// How an interrupt is carried.
  public enum Kind: Hashable, Sendable {
    case msi
    case msix
    case intx
  }

  private var sources: [Source] = []
  private var index: [Source: Int] = [:]
  /// Arrivals that nobody has waited for yet, in the places of `sources`.
  private var unclaimed: [UInt64] = []
  /// How many these are.
  private var waiting: UInt64 = 0
  public private(set) var msiCount: UInt64 = 0
  public private(set) var msixCount: UInt64 = 0
  public private(set) var intxCount: UInt64 = 0
  /// Writes to the window whose data nobody was given.
  public private(set) var strayCount: UInt64 = 0

  public init() {}

  /// Gives a function data values for its vectors; the first is a multiple of the count rounded up to a power
  /// of two.
  ///
  /// - Source: PCI Express Base 5.0, 6.1.4.3: MSI changes the low bits of the data for its vectors.
  public mutating func allocate(function: FunctionAddress, kind: Kind, vectors: Int) -> Int {
    var alignment = 1
    while alignment < vectors { alignment *= 2 }
    while sources.count % alignment != 0 {
      sources.append(Source(function: function, kind: kind, vector: -1))
      unclaimed.append(0)
    }
    let first = sources.count
    for vector in 0..<vectors { add(Source(function: function, kind: kind, vector: vector)) }
    return first
  }

  private mutating func add(_ source: Source) {
    index[source] = sources.count
    sources.append(source)
    unclaimed.append(0)
  }

  static func claims(_ address: UInt64) -> Bool { address >= Self.address && address <= limit }

  /// An interrupt write has arrived; gives what its data mean, nil for data that nobody was given.
  mutating func arrive(data: UInt32) -> Source? {
    guard data < UInt32(sources.count), sources[Int(data)].vector >= 0 else {
      strayCount += 1
      return nil
    }
    count(sources[Int(data)].kind)
    unclaimed[Int(data)] += 1
    waiting += 1
    return sources[Int(data)]
  }

  /// A legacy interrupt wire has been asserted: 0 for INTA to 3 for INTD.
  mutating func arrive(wire: Int, from function: FunctionAddress) {
    let source = Source(function: function, kind: .intx, vector: wire)
    if index[source] == nil { add(source) }
    count(.intx)
    if let place = index[source] {
      unclaimed[place] += 1
      waiting += 1
    }
  }

  private mutating func count(_ kind: Kind) {
    switch kind {
    case .msi: msiCount += 1
    case .msix: msixCount += 1
    case .intx: intxCount += 1
    }
  }

  /// Takes one arrival of a vector, from one function or from any; false when none is left.
  ///
  /// - Complexity: constant while nothing waits, else linear in the vectors of all functions.
  public mutating func claim(_ kind: Kind, vector: Int, from function: FunctionAddress?) -> Bool {
    guard waiting > 0 else { return false }
    for (place, source) in sources.enumerated()
    where source.kind == kind && source.vector == vector && unclaimed[place] > 0 {
      guard function == nil || source.function == function else { continue }
      unclaimed[place] -= 1
      waiting -= 1
      return true
    }
    return false
  }

  mutating func resetCounts() {
    (msiCount, msixCount, intxCount, strayCount) = (0, 0, 0, 0)
    for place in unclaimed.indices { unclaimed[place] = 0 }
    waiting = 0
  }
}
