/// A place that a fault's reaction is expected at, seen from the TLP or DLLP that the rule strikes.
///
/// A root complex stands with its root port.
public enum FaultRole: String, CaseIterable, Hashable, Sendable {
  /// The port that sends it on the link of the rule.
  case sender
  /// The port that receives it on the link of the rule.
  case receiver
  /// Each switch port that receives it on its way and passes it on, the receiver too when it does so.
  case forwarder
  /// The function that sent the request, or whose request it completes.
  case requester
  /// The function that the request is for, or that completes it; for a posted request, whom it reaches.
  case completer
  /// The upper end of the link: a root port or the downstream port of a switch.
  case portAbove = "port-above"
}
