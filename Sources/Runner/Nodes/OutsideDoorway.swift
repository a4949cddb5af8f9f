import Transports

/// How the program of a node comes to its link, each time that it is started.
enum OutsideDoorway: Hashable {
  /// By the link library, which connects to a path.
  case rings(path: String)
  case warpPipe(LinkHello.Role, WarpPipeReception.Call)

  /// Whether the program uses the link library.
  var isRings: Bool { if case .rings = self { true } else { false } }

  /// Opens the door.
  func open(for node: String) throws(NodeProblem) -> any LinkDoor {
    switch self {
    case .rings(let path):
      do throws(LinkError) { return try LinkReception(path: path, node: node) } catch {
        throw .link(node: node, error)
      }
    case .warpPipe(let role, let call):
      do throws(SocketError) { return try WarpPipeReception(role, node: node, call) } catch {
        throw .socket(node: node, error)
      }
    }
  }
}
