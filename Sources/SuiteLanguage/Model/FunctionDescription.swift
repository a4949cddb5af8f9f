/// What a suite says of a function: identity, BARs and vectors.
public struct FunctionDescription: Hashable, Sendable {
  /// With vendor and device where a program plays the function.
  public var identity: FunctionIdentity
  /// In the order of their index.
  public var bars: [BarDescription]
  /// 0 gives no MSI-X capability.
  public var msixVectors: Int
  /// A power of two; 0 gives no MSI capability.
  public var msiVectors: Int

  /// The BAR of that index.
  public func bar(_ index: Int) -> BarDescription? { bars.first { $0.index == index } }

  /// The BAR that holds MSI-X table and pending bits: the first register that no other BAR takes.
  public var msixBarIndex: Int? {
    var taken: Set<Int> = []
    for bar in bars {
      taken.insert(bar.index)
      if bar.is64Bit { taken.insert(bar.index + 1) }
    }
    return (0..<6).first { !taken.contains($0) }
  }
}

extension FunctionDescription {
  /// What a model's settings say of its function.
  init(_ settings: ModelSettings) {
    self.init(
      identity: settings.identity, bars: settings.bars, msixVectors: settings.msixVectors,
      msiVectors: settings.msiVectors)
  }
}
