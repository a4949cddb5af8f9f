import LinkBroker
import PCIe
import Simulation
import Testing

@Suite("Goodput")
struct GoodputTests {
  static let speeds: [LinkSpeed] = [.gt2Point5, .gt5, .gt8, .gt16, .gt32]

  @Test("a stream of writes reaches the closed form within 1 %", arguments: speeds, [1, 2, 4, 8, 16])
  func stream(speed: LinkSpeed, width: Int) {
    for maxPayload in [128, 256, 512, 1024, 2048, 4096] {
      let configuration = LinkConfiguration(speed: speed, width: width, maxPayloadBytes: maxPayload)
      var pair = Pair(configuration)
      let payload = [UInt8](repeating: 0x5a, count: maxPayload)
      let count = 150
      for index in 0..<count {
        pair.send(write(UInt64(index) * 4096, bytes: maxPayload), payload: payload)
      }
      pair.fabric.runUntilIdle()
      #expect(pair.device.arrivals.count == count)
      // From the first arrival on, so that the latency of the first TLP does not count.
      let last = pair.device.arrivals[count - 1].time
      let time = last - pair.device.arrivals[0].time
      let measured = Double((count - 1) * maxPayload) / (Double(time.picoseconds) * 1e-12)
      let closedForm = configuration.goodput(payloadBytes: maxPayload, headerBytes: 12)
      #expect(
        abs(measured / closedForm - 1) < 0.01,
        "\(speed) x\(width) MPS \(maxPayload): \(measured) of \(closedForm)")
      #expect(pair.fabric.payloads.used == 0)
    }
  }

  @Test("the closed form agrees with figures worked out by hand")
  func byHand() {
    // 2.5 GT/s x1 carries 250 MB/s; a 3 DW write of 128 bytes takes 8 + 12 + 128 = 148 bytes.
    let slow = LinkConfiguration(speed: .gt2Point5, width: 1, maxPayloadBytes: 128)
    #expect(abs(slow.goodput(payloadBytes: 128, headerBytes: 12) - 250e6 * 128 / 148) < 1)
    // 8 GT/s x4 carries 4 GB/s × 128/130.
    let fast = LinkConfiguration(speed: .gt8, width: 4, maxPayloadBytes: 256)
    #expect(abs(fast.goodput(payloadBytes: 256, headerBytes: 16) - 4e9 * 128 / 130 * 256 / 280) < 1)
  }

  @Test("a TLP arrives after its bytes and the latency")
  func oneTLP() {
    var pair = Pair(
      LinkConfiguration(speed: .gt2Point5, width: 1, maxPayloadBytes: 128, latency: .nanoseconds(100)))
    pair.send(write(0), payload: [1, 2, 3, 4])
    pair.fabric.runUntilIdle()
    // 8 + 12 + 4 bytes of 4 ns each, then 100 ns.
    #expect(pair.device.arrivals.first?.time.picoseconds == 24 * 4_000 + 100_000)
  }
}
