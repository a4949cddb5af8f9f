import Glibc

/// A path at which one program calls, to exchange lines of text with us; nothing here waits.
public final class LineExchange {
  /// Why no line goes to and fro any more.
  public enum Loss: Error, Hashable, Sendable {
    case hungUp
    case longLine(limit: Int)
    /// A line that is none of what the two speak.
    case garbage(String)
    case system(SocketError)
  }

  /// The path at which the program calls; it is gone when the program has.
  public let path: String
  /// Why nothing can be said any more; nil while it can. Lines that came before may still be there.
  public private(set) var loss: Loss?
  /// Whether the program has called.
  public var isConnected: Bool { socket != nil }

  private let lineMax: Int
  private var listener: StreamSocket?
  private var socket: StreamSocket?
  private var output: [UInt8] = []
  private var input: [UInt8] = []
  /// Where no end of a line has been found yet.
  private var searched = 0
  private var lines: [String] = []

  /// Listens at a path of at most 107 bytes, for lines of a limited length.
  ///
  /// - Throws: such as that the path is too long, or that something is there.
  public init(path: String, lineMax: Int) throws(SocketError) {
    var address = SocketAddress.unix(path: path)
    listener = try StreamSocket.listen(at: &address)
    self.path = path
    self.lineMax = lineMax
  }

  deinit { stopListening() }

  private func stopListening() {
    guard listener != nil else { return }
    listener = nil
    unsafe unlink(path)
  }

  /// The descriptors that tell that there is something to look at.
  public var waits: [TransportWait] {
    if loss != nil { return [] }
    if let number = socket?.number {
      return [TransportWait(descriptor: number, isForWriting: !output.isEmpty)]
    }
    return (listener?.number).map { [TransportWait(descriptor: $0)] } ?? []
  }

  /// Says a line; what is said before the program has called waits for it.
  public func say(_ line: String) {
    guard loss == nil else { return }
    output += Array(line.utf8)
    output.append(UInt8(ascii: "\n"))
    send()
  }

  /// Takes the oldest line that has come, without its end.
  public func takeLine() -> String? { lines.isEmpty ? nil : lines.removeFirst() }

  /// Lets the program in, and takes and gives what can be taken and given; false when there was nothing.
  public func look() -> Bool {
    guard loss == nil else { return false }
    if socket == nil {
      do throws(SocketError) {
        guard let caller = try listener?.accept() else { return false }
        socket = consume caller
      } catch {
        close(.system(error))
        return true
      }
      stopListening()
    }
    let before = output.count
    send()
    return receive() || output.count != before
  }

  private func send() {
    while !output.isEmpty, let result = socket?.write(output[...]) {
      switch result {
      case .taken(let count): output.removeFirst(count)
      case .full: return
      case .gone: return close(.hungUp)
      case .failed(let error): return close(.system(error))
      }
    }
  }

  private func receive() -> Bool {
    var hasMoved = false
    while loss == nil, let result = socket?.read() {
      switch result {
      case .nothing: return hasMoved
      case .end: close(.hungUp)
      case .failed(let error): close(.system(error))
      case .bytes(let bytes):
        input += bytes
        cutLines()
      }
      hasMoved = true
    }
    return hasMoved
  }

  private func cutLines() {
    var start = 0
    while let end = input[max(searched, start)...].firstIndex(of: UInt8(ascii: "\n")) {
      let isReturned = end > start && input[end - 1] == UInt8(ascii: "\r")
      lines.append(String(decoding: input[start..<(isReturned ? end - 1 : end)], as: UTF8.self))
      start = end + 1
    }
    input.removeFirst(start)
    searched = input.count
    if input.count > lineMax { close(.longLine(limit: lineMax)) }
  }

  /// Ends it, for a reason that the lines have given or the socket.
  public func close(_ loss: Loss) {
    self.loss = self.loss ?? loss
    socket = nil
    stopListening()
    (output, input) = ([], [])
  }
}

extension LineExchange.Loss: CustomStringConvertible {
  public var description: String {
    switch self {
    case .hungUp: "it has hung up"
    case .longLine(let limit): "it has sent a line of more than \(limit) bytes"
    case .garbage(let line): "it has sent '\(line.prefix(80))'"
    case .system(let error): "\(error)"
    }
  }
}
