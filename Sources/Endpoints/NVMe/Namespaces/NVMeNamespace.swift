/// A namespace: blocks of one size, numbered from 0.
public struct NVMeNamespace {
  public var storage: any NamespaceStorage
  /// 512 or 4096.
  public var blockBytes: Int

  /// A namespace over some storage.
  public init(storage: any NamespaceStorage, blockBytes: Int = 512) {
    self.storage = storage
    self.blockBytes = blockBytes
  }

  /// All whole blocks.
  public var blockCount: UInt64 { storage.byteCount / UInt64(blockBytes) }

  /// Whether blocks lie in the namespace.
  func holds(_ first: UInt64, _ count: UInt64) -> Bool {
    count <= blockCount && first <= blockCount - count
  }
}
