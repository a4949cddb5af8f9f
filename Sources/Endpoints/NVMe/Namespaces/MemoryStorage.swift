/// Blocks in memory, which is taken only where something has been written.
public final class MemoryStorage: NamespaceStorage {
  private let memory: BarMemory

  /// Zeros.
  public init(byteCount: UInt64) { memory = BarMemory(byteCount: byteCount) }

  public var byteCount: UInt64 { memory.byteCount }

  /// Copies bytes; always done.
  public func read(at offset: UInt64, count: Int, into target: inout [UInt8]) -> Bool {
    memory.read(at: Int(offset), count: count, into: &target)
    return true
  }

  /// Keeps bytes; always done.
  public func write(_ bytes: [UInt8], count: Int, at offset: UInt64) -> Bool {
    memory.write(bytes, count: count, at: Int(offset))
    return true
  }

  /// Makes bytes zero; always done.
  public func clear(at offset: UInt64, count: UInt64) -> Bool {
    memory.clear(at: Int(offset), count: Int(count))
    return true
  }

  /// Memory keeps what it has.
  public func flush() -> Bool { true }
}
