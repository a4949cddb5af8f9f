/// The data rate of a link, by its code in the link registers.
///
/// The code of 64 GT/s is from revision 6.0.
///
/// - Source: PCI Express Base 5.0, 7.5.3.6 "Link Capabilities Register".
public enum LinkSpeed: UInt8, CaseIterable, Hashable, Comparable, Sendable {
  case gt2Point5 = 1
  case gt5 = 2
  case gt8 = 3
  case gt16 = 4
  case gt32 = 5
  case gt64 = 6

  /// The raw rate of one lane.
  ///
  /// - Units: million transfers per second and lane.
  public var megatransfersPerSecond: Int {
    switch self {
    case .gt2Point5: 2_500
    case .gt5: 5_000
    case .gt8: 8_000
    case .gt16: 16_000
    case .gt32: 32_000
    case .gt64: 64_000
    }
  }

  public static func < (left: LinkSpeed, right: LinkSpeed) -> Bool { left.rawValue < right.rawValue }
}
