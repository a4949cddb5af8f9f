import LinkBroker
import PCIe
import Simulation

// Data for the host: posted writes, a piece at a time, in the order in which commands have asked for it.
extension NVMeCore {
  /// Writes until the link has enough for now.
  mutating func send(in fabric: inout Fabric) {
    while isRunning, !transfers.isBusy, let slot = transfers.sending.first {
      var count = 0
      while count < NVMeTransfers.pieceBytes, slots.entries[slot].moved < slots.entries[slot].count {
        let place = slots.entries[slot].moved
        let (address, bytes) = piece(slot, at: place)
        guard
          function.write(
            address: address, data: slots.entries[slot].buffer, from: place, count: bytes, in: &fabric)
            == .successful
        else {
          // Whoever may not write data may not write completions either.
          return fail()
        }
        slots.entries[slot].moved += bytes
        count += bytes
      }
      if slots.entries[slot].moved == slots.entries[slot].count {
        transfers.sending.removeFirst()
        if slots.entries[slot].isBlockRead { health.noteRead(slots.entries[slot].count) }
        complete(slot, .successful, in: &fabric)
      }
      if !transfers.sending.isEmpty { pause(after: count, in: &fabric) }
    }
  }

  /// Waits for as long as the lanes are busy with what has been written.
  private mutating func pause(after count: Int, in fabric: inout Fabric) {
    guard let port = function.port else { return }
    transfers.isBusy = true
    transfers.lastTimer &+= 1
    let headers = (count / function.space.maxPayloadBytes + 1) * 16
    fabric.setTimer(
      after: fabric.configuration(ofLink: port.link).serialization(tlpBytes: count + headers),
      node: port.node, token: transfers.lastTimer)
  }

  /// Goes on with the data that waits.
  mutating func timerFired(_ token: UInt64, in fabric: inout Fabric) {
    guard token == transfers.lastTimer, transfers.isBusy else { return }
    transfers.isBusy = false
    send(in: &fabric)
    settle(in: &fabric)
    pump(in: &fabric)
  }
}
