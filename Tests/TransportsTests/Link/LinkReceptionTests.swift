import Glibc
import LinkBroker
import Testing

@testable import Transports

@Suite struct LinkReceptionTests {
  /// A program that has connected and says nothing.
  private static func call(_ path: String) throws -> CInt {
    let caller = socket(AF_UNIX, CInt(SOCK_SEQPACKET.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    // An abstract name begins with a zero.
    let name = [0] + path.utf8.dropFirst()
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
    let result = unsafe withUnsafePointer(to: &address) {
      unsafe connect(caller, UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self), length)
    }
    try #require(result == 0)
    return caller
  }

  /// Callers may come faster than they are taken; the rest is taken when everybody else has had a look.
  @Test func someCallersAreTakenAtATime() throws {
    let path = "@pcie-harness.reception.\(getpid())"
    let reception = try LinkReception(path: path, node: "n")
    let callers = try (0..<9).map { _ in try Self.call(path) }
    defer { for caller in callers { close(caller) } }
    var counts: [Int] = []
    for _ in 0..<3 {
      _ = reception.look()
      counts.append(reception.waits.count - 1)
    }
    #expect(counts == [8, 9, 9])
  }

  /// A crowd does not fill the notes.
  @Test func manyCallersAreCounted() throws {
    let path = "@pcie-harness.crowd.\(getpid())"
    let reception = try LinkReception(path: path, node: "n")
    for _ in 0..<100 {
      close(try Self.call(path))
      _ = reception.look()
    }
    let notes = reception.takeNotes()
    #expect(notes.count == 18)
    #expect(notes.last?.hasSuffix("such things have happened 64 times") == true, "\(notes.last ?? "")")
  }
}
