/// What a program says when it opens its end of a link.
public struct LinkHello: Hashable, Sendable {
  /// Which end of the link it sits at.
  public enum Role: Hashable, Sendable {
    case device
    case host
  }

  public var role: Role
  /// It takes every TLP itself, configuration requests too.
  public var isRaw: Bool
  /// The node that it means to play.
  public var node: String
  /// What it is as a device: what it says, else what the suite says; nil where neither does.
  public var description: LinkDescription?
}
