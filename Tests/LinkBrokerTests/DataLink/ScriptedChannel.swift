import LinkBroker
import PCIe
import Simulation

/// Does to frames what a test says, and keeps what has passed.
final class ScriptedChannel: FrameDisturbance {
  struct Seen: Equatable, CustomStringConvertible {
    var isDownstream: Bool
    /// The mnemonic of a DLLP, or `TLP`.
    var name: String
    /// Of a TLP, an Ack or a Nak.
    var sequence: UInt16
    var isReplay: Bool

    var description: String {
      "\(isDownstream ? "down" : "up") \(name) \(sequence)\(isReplay ? " again" : "")"
    }
  }

  private(set) var seen: [Seen] = []
  /// Frames so far by name and direction, this one included.
  private var counts: [String: Int] = [:]
  var rule: (inout LinkFrame, Seen, Int) -> Void

  init(_ rule: @escaping (inout LinkFrame, Seen, Int) -> Void = { _, _, _ in }) { self.rule = rule }

  func touch(_ frame: inout LinkFrame, link: Int, isDownstream: Bool) {
    var entry = Seen(
      isDownstream: isDownstream, name: "TLP", sequence: frame.sequence, isReplay: frame.isReplay)
    if let word = frame.dllp {
      let dllp = try? DLLP(word: word)
      entry.name = dllp?.mnemonic ?? "undefined"
      switch dllp {
      case .ack(let sequence), .nak(let sequence): entry.sequence = sequence
      default: break
      }
    }
    seen.append(entry)
    let key = "\(isDownstream) \(entry.name)"
    counts[key, default: 0] += 1
    rule(&frame, entry, counts[key, default: 0])
  }

  /// The frames of one way, InitFC left out.
  func trace(down: Bool) -> [String] {
    seen.filter { $0.isDownstream == down && !$0.name.hasPrefix("InitFC") }.map(\.description)
  }
}

extension Pair {
  /// A link with a data link layer and a channel that does something to its frames.
  static func dataLink(
    _ channel: ScriptedChannel, _ configuration: LinkConfiguration = LinkConfiguration()
  ) -> Pair {
    var configuration = configuration
    configuration.layer = .dataLink
    var pair = Pair(configuration)
    pair.fabric.disturbFrames(by: channel)
    return pair
  }

  /// The first DW of each payload that has arrived at the device.
  var numbers: [UInt8] { device.arrivals.map { $0.payload.first ?? 0 } }

  mutating func sendWrites(_ numbers: ClosedRange<UInt8>) {
    for number in numbers { send(write(UInt64(number) * 16), payload: [number, 0, 0, 0]) }
  }

  func counters(down: Bool) -> LinkCounters { fabric.counters(ofLink: link, downstream: down) }
}
