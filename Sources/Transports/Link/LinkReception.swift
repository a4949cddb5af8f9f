import CPCIeLink
import Glibc
public import LinkBroker

/// The door at which the program of one node knocks: listens, reads hellos, and lets one program in.
///
/// Nothing here waits, whatever a program does; what is wrong with it is told to it and noted.
public final class LinkReception: LinkDoor {
  /// Where programs connect: the value of PCIE_LINK.
  public let url: String
  public private(set) var hello: LinkHello?

  /// What was wrong with the first program that did not speak the protocol; nil while nobody has come like
  /// that.
  public private(set) var failure: String?

  private let node: String
  /// What the suite says that a device is; nil leaves that to the program.
  private let description: LinkDescription?
  /// Nil when callers can be neither taken nor sent away.
  private var listener: CallListener?
  /// Connections whose hello has not come.
  private var callers: [Caller] = []
  /// The connection whose hello is `hello`, until it is welcomed.
  private var guest: Caller?
  private var isWelcomed = false
  private var notes: [String] = []
  private var noteCount = 0
  /// The path, or the abstract name with its `@`.
  public let path: String

  /// A connection on its way in.
  private final class Caller {
    let socket: StreamSocket
    var hello = pcie_link_hello()

    init(_ socket: consuming StreamSocket) { self.socket = socket }
  }

  /// Listens at a path, or at an abstract name that begins with `@`.
  ///
  /// - Parameter description: what a device is that does not say so itself; one that does must say the same.
  /// - Throws: such as that the path is too long or that somebody listens there.
  public init(path: String, node: String, description: LinkDescription? = nil) throws(LinkError) {
    var why = pcie_link_text()
    let number = unsafe pcie_link_listen(path, &why)
    guard number >= 0 else { throw LinkError(number, why) }
    listener = CallListener(StreamSocket(owning: number))
    self.node = node
    self.description = description
    self.path = path
    url = "unix:\(path)#\(node)"
  }

  public var waits: [TransportWait] {
    ([listener?.number].compactMap(\.self) + callers.map { $0.socket.number }).map {
      TransportWait(descriptor: $0)
    }
  }

  public var hasSilentCaller: Bool { !callers.isEmpty }
  public var place: String? { url }
  public var direction: String { "it finds its link in the variable PCIE_LINK, here \(url)" }

  public func takeNotes() -> [String] {
    defer { notes.removeAll() }
    return notes
  }

  public func look() -> Bool {
    var hasChanged = letIn()
    callers.removeAll { caller in
      let isDone = read(caller)
      if isDone { hasChanged = true }
      return isDone
    }
    return hasChanged
  }

  /// Takes who has called; false when nobody has.
  private func letIn() -> Bool {
    var hasChanged = false
    do throws(SocketError) {
      calling: for _ in 0..<CallListener.callersPerLook {
        switch try listener?.next() ?? .nobody {
        case .nobody: break calling
        case .caller(let socket):
          let caller = Caller(socket)
          if isWelcomed {
            refuse(caller, CInt(PCIE_LINK_E_REFUSED), "a program plays '\(node)' already")
          } else {
            callers.append(caller)
          }
        case .sentAway(let error): makeRoom(error)
        }
        hasChanged = true
      }
    } catch {
      // It would stay ready.
      listener = nil
      notes.append("nobody is let in any more: \(error)")
      failure = failure ?? "\(error)"
      return true
    }
    return hasChanged
  }

  /// Notes what became of a caller; of a crowd the first ones, and how many they are from time to time.
  private func note(_ text: String) {
    noteCount += 1
    if noteCount <= Self.notesMax {
      notes.append(text)
    } else if noteCount & (noteCount - 1) == 0 {
      notes.append("\(text); such things have happened \(noteCount) times")
    }
  }

  private static let notesMax = 16

  /// Sends away who has said nothing, after a caller for whom there was nothing left.
  private func makeRoom(_ error: SocketError) {
    let silent = callers.isEmpty ? "" : ", and so were \(callers.count) that had said nothing"
    note("a program that connected was sent away\(silent): \(error)")
    for caller in callers {
      _ = unsafe pcie_link_refuse(caller.socket.number, CInt(PCIE_LINK_E_REFUSED), "\(error)")
    }
    callers.removeAll()
  }

  /// Reads the hello of a connection; false when it has not come.
  private func read(_ caller: Caller) -> Bool {
    var why = pcie_link_text()
    let result = unsafe pcie_link_hello_receive(caller.socket.number, &caller.hello, &why)
    if result == CInt(PCIE_LINK_E_EMPTY) { return false }
    guard result >= 0 else {
      let error = LinkError(result, why)
      let text = error.text.isEmpty ? "\(error)" : error.text
      // Who hangs up before a word has not spoken it wrongly.
      if result != CInt(PCIE_LINK_E_CLOSED) { failure = failure ?? text }
      refuse(caller, result, text)
      return true
    }
    let named = LinkHello(caller.hello)
    if named.node != node {
      let text = "it asks for node '\(named.node)'; this is '\(node)'"
      failure = failure ?? text
      refuse(caller, CInt(PCIE_LINK_E_ABSENT), text)
    } else if hello != nil {
      refuse(caller, CInt(PCIE_LINK_E_REFUSED), "a program plays '\(node)' already")
    } else if let text = conflict(with: caller.hello) {
      failure = failure ?? text
      refuse(caller, CInt(PCIE_LINK_E_REFUSED), text)
    } else {
      hello = named
      if named.role == .device, !named.isRaw { hello?.description = named.description ?? description }
      guest = caller
    }
    return true
  }

  /// How a device is another one than the suite says; nil when it is not, or the suite says nothing.
  private func conflict(with hello: pcie_link_hello) -> String? {
    guard let description, hello.role == UInt32(PCIE_LINK_DEVICE) else { return nil }
    if hello.flags & UInt32(PCIE_LINK_HELLO_RAW) != 0 {
      return "the suite describes its function, and a raw device keeps that itself"
    }
    guard hello.flags & UInt32(PCIE_LINK_HELLO_DESCRIBED) != 0 else { return nil }
    var why = pcie_link_text()
    let result = unsafe withUnsafePointer(to: hello.description) { own in
      unsafe withUnsafePointer(to: description.forProgram) {
        unsafe pcie_link_description_match(own, $0, &why)
      }
    }
    return result < 0 ? LinkError(result, why).text : nil
  }

  private func refuse(_ caller: Caller, _ status: CInt, _ text: String) {
    note("a program that connected was refused: \(text)")
    _ = unsafe pcie_link_refuse(caller.socket.number, status, text)
  }

  /// Sends the program away that has said hello, so that another may come.
  public func refuse(_ text: String) {
    if let guest { refuse(guest, CInt(PCIE_LINK_E_REFUSED), text) }
    guest = nil
    hello = nil
  }

  /// Makes the link of the program that has said hello.
  ///
  /// - Throws: what the operating system says; there must be a hello.
  public func welcome(_ settings: OutsideSettings) throws(LinkError) -> any Transport {
    guard let caller = guest else { preconditionFailure("nobody has said hello") }
    guest = nil
    isWelcomed = true
    var terms = LinkTerms(settings)
    if caller.hello.flags & UInt32(PCIE_LINK_HELLO_DESCRIBED) == 0 { terms.description = hello?.description }
    return try LinkTransport(takingOver: caller.socket.duplicate(), caller.hello, terms)
  }

  deinit {
    if !path.hasPrefix("@") { _ = unsafe unlink(path) }
  }
}

extension LinkHello {
  init(_ hello: pcie_link_hello) {
    role = hello.role == UInt32(PCIE_LINK_HOST) ? .host : .device
    isRaw = hello.flags & UInt32(PCIE_LINK_HELLO_RAW) != 0
    node = unsafe withUnsafePointer(to: hello) { unsafe String(cString: pcie_link_hello_node($0)) }
    description =
      hello.flags & UInt32(PCIE_LINK_HELLO_DESCRIBED) == 0 ? nil : LinkDescription(hello.description)
  }
}
