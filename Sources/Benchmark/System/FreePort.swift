import CSystem
import Glibc

/// A TCP port of this machine at which nobody listens.
enum FreePort {
  static func find() throws(SystemError) -> UInt16 {
    var bound: UInt16 = 0
    let socket = unsafe csys_listen_tcp("127.0.0.1", 0, &bound)
    if socket < 0 { throw SystemError("listen", number: -socket) }
    close(socket)
    return bound
  }
}
