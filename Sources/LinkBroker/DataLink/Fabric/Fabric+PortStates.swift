import PCIe
import Simulation

// When the data link layers of a link begin and end.
extension Fabric {
  func dataLinkPort(_ configuration: LinkConfiguration, of node: Int) -> DataLinkPort {
    DataLinkPort(
      configuration,
      advertised: .advertised(
        for: configuration, infiniteCompletions: nodes[node].takesEveryCompletion))
  }

  /// The physical layer is up: both ports begin with flow control initialization.
  mutating func beginInitialization(_ link: Int) {
    for port in [link * 2, link * 2 + 1] {
      ports[port].beginInitialization(at: now)
      expectTimer(port, at: now)
    }
  }

  /// The physical layer is down: the ports forget everything, and what was not delivered is lost.
  ///
  /// - Source: PCI Express Base 5.0, 3.2.1: DL_Inactive resets the data link layer and discards the contents
  ///   of the retry buffer.
  mutating func emptyPorts(_ link: Int) {
    for port in [link * 2, link * 2 + 1] {
      var sequence = ports[port].transmitter.acknowledged
      while ports[port].transmitter.buffer.count > 0 {
        sequence = SequenceNumber.next(sequence)
        if !ports[port ^ 1].receiver.hasAccepted(sequence) { lose(ports[port].transmitter.buffer[0], port) }
        payloads.release(ports[port].transmitter.removeFirst())
      }
      while !ports[port].flight.isEmpty { payloads.release(ports[port].flight.removeFirst().tlp.payload) }
    }
    for port in [link * 2, link * 2 + 1] {
      // The event in the queue stays; with no timer running it does nothing.
      let event = ports[port].deadlines.event
      ports[port] = dataLinkPort(links[link].configuration, of: sender(of: port).node)
      ports[port].deadlines.event = event
    }
  }

  private mutating func lose(_ tlp: FabricTLP, _ direction: Int) {
    noteDiscarded(tlp, direction)
    if capture.isOn {
      capture.markLost(tlp.header, link: direction >> 1, "the link went down before it arrived")
    }
  }
}
