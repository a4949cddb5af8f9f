import Figures
import LinkBroker
import PCIe

/// What faults cost that are armed and never strike, as multiples of the same work without any.
///
/// All rules look for the TLPs that pass, in both directions, and name other addresses and requesters: the
/// worst that rules on other TLPs can do.
struct FaultFigures {
  static let ruleCount = 32

  let plain: MeasuredPath
  private let armed: MeasuredPath

  /// - Parameter plain: the path that the work is compared on.
  init(plain: MeasuredPath) throws {
    self.plain = plain
    armed = try MeasuredPath()
    armed.arm(Self.rules(on: armed))
  }

  private static func rules(on path: MeasuredPath) -> [LinkFault] {
    (0..<ruleCount).map { number in
      let match: LinkFault.Match
      if number % 4 == 3 {
        match = LinkFault.Match(
          .tlps(LinkFault.TLPKinds(.completionWithData)),
          requester: FunctionAddress(rawValue: 0x4000 + UInt16(number)))
      } else {
        // Neighbours, on both sides, of what is addressed.
        let distance = UInt64(number / 2 + 1) * 0x100
        let start = number % 2 == 0 ? path.barAddress + distance : path.barAddress - distance
        match = LinkFault.Match(
          .tlps(LinkFault.TLPKinds(.memoryRead, .memoryWrite)), address: start...(start + 0xff))
      }
      return LinkFault(.drop, on: path.directions, match: match, selection: .every(1))
    }
  }

  var workloads: [Workload] {
    [
      multiple(
        key: "armed-read", name: "4-byte read round trip, 32 armed rules that never match",
        armed.readRoundTrips, plain.readRoundTrips),
      multiple(
        key: "armed-write", name: "posted 4-byte writes, 32 armed rules that never match",
        armed.postedWrites, plain.postedWrites),
    ]
  }

  private func multiple(
    key: String, name: String, _ subject: @escaping (Int) -> Void, _ yardstick: @escaping (Int) -> Void
  ) -> Workload {
    Workload(
      figure: Figure(
        key: key, name: name, unit: .seconds, gate: 1.1, goal: 1.03, yardstick: "unarmed", isMultiple: true),
      subjectSteps: 1024, yardstickSteps: 1024, amount: 1, subject: subject, yardstick: yardstick)
  }

  /// Whether nothing went wrong on the link with the rules, and none of them has struck.
  func endClean() -> Bool { armed.endsClean() && armed.strikeCount == 0 }
}
