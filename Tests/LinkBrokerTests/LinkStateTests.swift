import LinkBroker
import PCIe
import Simulation
import Testing

@Suite("Link down and up")
struct LinkStateTests {
  @Test("outstanding requests end as unsupported requests at the port above")
  func outstanding() {
    var pair = Pair()
    pair.send(read(0, tag: 7))
    pair.fabric.runUntilIdle()
    pair.fabric.takeDown(link: 0, .surpriseDown)
    pair.fabric.runUntilIdle()
    let answer = pair.root.arrivals.first?.header
    #expect(answer?.kind == .completion)
    #expect(answer?.completionStatus == .unsupportedRequest)
    #expect(answer?.tag == 7)
    #expect(answer?.requesterID == requester)
    #expect(pair.root.changes == [.surpriseDown])
    #expect(pair.device.changes == [.surpriseDown])
  }

  @Test("what is queued or on the wire is lost, and nothing leaks")
  func lost() {
    var pair = Pair(LinkConfiguration(speed: .gt2Point5, width: 1, maxPayloadBytes: 256))
    for index in 0..<10 {
      pair.send(write(UInt64(index) * 256, bytes: 256), payload: [UInt8](repeating: 1, count: 256))
    }
    pair.fabric.step()
    pair.fabric.takeDown(link: 0, .disabled)
    pair.fabric.runUntilIdle()
    #expect(pair.device.arrivals.count <= 1)
    #expect(pair.fabric.payloads.used == 0)
  }

  @Test("a read sent into a link that is down ends at once, a write vanishes")
  func refused() {
    var pair = Pair()
    pair.fabric.takeDown(link: 0, .disabled)
    pair.send(write(0), payload: [1, 2, 3, 4])
    pair.send(read(0, tag: 2))
    pair.fabric.runUntilIdle()
    #expect(pair.device.arrivals.isEmpty)
    #expect(pair.root.arrivals.map(\.header.tag) == [2])
    #expect(pair.fabric.payloads.used == 0)
  }

  @Test("a link is up again after training, with all its credits")
  func up() {
    var pair = Pair()
    let credits = pair.fabric.credits(ofLink: 0, downstream: true)
    pair.send(write(0), payload: [1, 2, 3, 4])
    pair.fabric.takeDown(link: 0, .hotReset)
    pair.fabric.bringUp(link: 0)
    #expect(pair.fabric.state(ofLink: 0) == .training)
    pair.fabric.runUntilIdle()
    #expect(pair.fabric.state(ofLink: 0) == .up)
    #expect(pair.fabric.credits(ofLink: 0, downstream: true) == credits)
    #expect(pair.device.changes == [.hotReset, .up])
    pair.send(write(8), payload: [1, 2, 3, 4])
    pair.fabric.runUntilIdle()
    #expect(pair.device.arrivals.map(\.header.address) == [8])
    #expect(pair.fabric.findings.isEmpty)
  }

  @Test("a training that is cut short does not bring the link up")
  func cutShort() {
    var pair = Pair()
    pair.fabric.takeDown(link: 0, .disabled)
    pair.fabric.bringUp(link: 0)
    pair.fabric.takeDown(link: 0, .disabled)
    pair.fabric.runUntilIdle()
    #expect(pair.fabric.state(ofLink: 0) == .down)
  }

  @Test("a narrower and slower link carries less from the next TLP on")
  func degraded() {
    var pair = Pair(LinkConfiguration(speed: .gt8, width: 4, maxPayloadBytes: 256))
    pair.send(write(0), payload: [1, 2, 3, 4])
    pair.fabric.runUntilIdle()
    let fast = pair.fabric.now
    pair.fabric.retrain(link: 0, LinkConfiguration(speed: .gt2Point5, width: 1, maxPayloadBytes: 256))
    pair.send(write(0), payload: [1, 2, 3, 4])
    pair.fabric.runUntilIdle()
    #expect(pair.fabric.now - fast > fast - .zero)
  }
}
