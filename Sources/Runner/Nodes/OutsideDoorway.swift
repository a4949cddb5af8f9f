import Transports

/// How the program of a node comes to its link, each time that it is started.
enum OutsideDoorway: Hashable {
  /// By the link library, which connects to a path; a device may be told there what its function is.
  case rings(path: String, LinkDescription?)
  case warpPipe(LinkHello.Role, WarpPipeReception.Call)

  /// By vfio-user: a host connects to a path, and a device server listens there.
  case vfioUser(LinkHello.Role, path: String)

  /// Whether requests of the program are given up as those of a function; Warp Pipe's wire does so itself.
  var watchesRequests: Bool { if case .warpPipe = self { false } else { true } }

  /// Opens the door.
  func open(for node: String) throws(NodeProblem) -> any LinkDoor {
    switch self {
    case .rings(let path, let description):
      do throws(LinkError) {
        return try LinkReception(path: path, node: node, description: description)
      } catch {
        throw .link(node: node, error)
      }
    case .vfioUser(.device, let path): return VfioUserCall(path: path, node: node)
    case .vfioUser(.host, let path):
      do throws(SocketError) { return try VfioUserReception(path: path, node: node) } catch {
        throw .socket(node: node, error)
      }
    case .warpPipe(let role, let call):
      do throws(SocketError) { return try WarpPipeReception(role, node: node, call) } catch {
        throw .socket(node: node, error)
      }
    }
  }
}
