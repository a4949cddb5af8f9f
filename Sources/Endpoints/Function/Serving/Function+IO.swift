import LinkBroker
import PCIe

extension Function {
  func serveIORead(_ request: TLPHeader, for model: some Endpoint, in fabric: inout Fabric) {
    guard let port, let window = claim(request, isIO: true, now: fabric.now) else {
      return refuseUnclaimed(request, isIO: true, in: &fabric)
    }
    let payload = fabric.payloads.take(bytes: 4)
    fabric.payloads.setWord(payload, to: 0)
    let start = Int(truncatingIfNeeded: request.address &- window.base)
    for run in ByteRuns(request) {
      let range = BarRange(bar: Int(window.index), offset: start + run.lowerBound, count: run.count)
      let response = model.readBar(range, into: payload, at: run.lowerBound, in: &fabric)
      guard response == .done else {
        fabric.payloads.release(payload)
        return refuse(request, response, in: &fabric)
      }
    }
    fabric.send(
      FabricTLP(header: .completionWithWord(of: request, completer: id), payload: payload), from: port)
  }

  func serveIOWrite(_ tlp: FabricTLP, for model: some Endpoint, in fabric: inout Fabric) {
    let request = tlp.header
    guard let window = claim(request, isIO: true, now: fabric.now) else {
      return refuseUnclaimed(request, isIO: true, in: &fabric)
    }
    if request.isPoisoned { return refusePoisoned(request, in: &fabric) }
    let response = writeRuns(tlp, window, for: model, in: &fabric)
    guard response == .done else { return refuse(request, response, in: &fabric) }
    complete(request, .successful, in: &fabric)
  }
}
