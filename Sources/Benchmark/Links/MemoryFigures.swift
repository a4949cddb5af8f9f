import CBenchmark
import Figures
import PCIe
import Transports

/// What it costs to reach a host's memory that is mapped, without the TLPs that lead there.
struct MemoryFigures {
  private let memory: SharedWindow

  /// Memory as QEMU lends it, between other windows.
  private final class SharedWindow {
    var map = PeerMemoryMap()
    var buffer = [UInt8](repeating: 0x5a, count: MemoryFigures.transferBytes)
  }

  static let key = "mapped-dma"
  private static let transferBytes = 64 << 10

  init() throws {
    memory = SharedWindow()
    for place in 0..<16 {
      let file = try PassedDescriptor.memory(bytes: Self.transferBytes)
      let piece = try PeerMemory(file, offset: 0, bytes: Self.transferBytes, isWritable: true)
      try memory.map.add(
        .init(
          address: UInt64(place * 2 * Self.transferBytes), bytes: UInt64(Self.transferBytes),
          isReadable: true,
          isWritable: true, memory: piece))
    }
  }

  var workloads: [Workload] {
    [
      Workload(
        figure: Figure(
          key: Self.key, name: "64 KiB to mapped memory of a host and back", unit: .bytesPerSecond,
          direction: .moreIsBetter, gate: 0.6, goal: 0.9, yardstick: "memcpy", isMultiple: true),
        subjectSteps: 16, yardstickSteps: 32, amount: Double(Self.transferBytes), subject: transfer,
        yardstick: { bench_transfer_steps(UInt64($0)) })
    ]
  }

  /// Half of the steps write, half read.
  private func transfer(_ steps: Int) {
    for step in 0..<steps {
      let address = UInt64(10 * Self.transferBytes)
      if step & 1 == 0 {
        // Lent from a variable: a span of a property of a class would outlive its access.
        let buffer = memory.buffer
        precondition(memory.map.write(buffer.rawSpan, at: address), "the memory is there")
      } else {
        let map = memory
        precondition(
          map.buffer.withMutableRawSpan { map.map.read(address, into: &$0) }, "the memory is there")
      }
    }
  }
}
