/// Where a unit learns of its rings.
///
/// - Layout: the raw value is AMU_IDR.AMI_TYPE; type A2 (1) is not modelled.
public enum AMISocketType: UInt64, Sendable {
  /// Type A1: from registers of the management page, and from commands.
  case registers = 0
  /// Type B: from tables in host memory.
  case tables = 2
}
