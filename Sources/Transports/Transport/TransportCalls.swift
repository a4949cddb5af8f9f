/// The peers that something has arrived for since their transports last exchanged.
public final class TransportCalls {
  private var numbers: [Int] = []

  /// No calls.
  public init() {}

  func add(_ number: Int) {
    if numbers.last != number, !numbers.contains(number) { numbers.append(number) }
  }

  /// Takes one, nil when there is none.
  public func take() -> Int? { numbers.popLast() }
}
