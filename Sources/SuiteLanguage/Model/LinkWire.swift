/// How a program at the end of a link is reached.
public enum LinkWire: String, CaseIterable, Hashable, Sendable {
  /// The link library, over shared memory.
  case pcieLink = "pcie-link"
  /// Warp Pipe's protocol, over a stream.
  case warpPipe = "warp-pipe"
  /// The protocol vfio-user, over a socket at a path.
  case vfioUser = "vfio-user"
}
