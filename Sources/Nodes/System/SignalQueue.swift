import CSystem
import Glibc

/// Signals that are taken when the owner asks, instead of interrupting it.
public struct SignalQueue: ~Copyable {
  private let descriptor: Descriptor

  /// Blocks the signals for this thread and collects them from now on.
  public init(_ numbers: [CInt]) throws(SystemError) {
    let result = unsafe numbers.withUnsafeBufferPointer { buffer in
      unsafe csys_signals(buffer.baseAddress, CInt(buffer.count))
    }
    if result < 0 { throw SystemError("take over signals", result: result) }
    descriptor = Descriptor(owning: result)
  }

  /// The descriptor to watch.
  public var number: CInt { descriptor.number }

  /// The next signal; nil when none waits.
  public func next() -> CInt? {
    let signal = csys_next_signal(number)
    return signal > 0 ? signal : nil
  }

  /// The name of a signal, such as `SIGKILL`.
  public static func name(_ number: CInt) -> String {
    guard let name = unsafe csys_signal_name(number) else { return "signal \(number)" }
    return unsafe String(cString: name)
  }
}
