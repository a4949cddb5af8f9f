import LinkBroker
import PCIe

extension Function {
  /// Serves a configuration request.
  ///
  /// While a reset goes on it is answered with Request Retry Status; nothing is wrong with that.
  /// - Source: PCI Express Base 5.0, 2.3.1 "Request Handling Rules", 7.3.1 and 7.3.3.
  func serveConfiguration(_ tlp: FabricTLP, for model: some Endpoint, in fabric: inout Fabric) {
    let request = tlp.header
    let isType1 = request.kind == .configurationRead1 || request.kind == .configurationWrite1
    if isType1 { return refuse(request, .type1, in: &fabric) }
    // Whatever device number the request names, it is this one's: it is alone on its link.
    let function = request.destinationID.function
    guard function == id.function else { return refuse(request, .noFunction(function), in: &fabric) }
    guard limits.configuresFrom <= fabric.now else { return complete(request, .requestRetry, in: &fabric) }
    if request.hasData {
      writeConfiguration(tlp, for: model, in: &fabric)
    } else {
      space.setDeviceStatus(.transactionsPending, requester.outstandingCount > 0)
      complete(request, word: space.read(offset: Int(request.registerOffset)), in: &fabric)
    }
  }

  private func writeConfiguration(_ tlp: FabricTLP, for model: some Endpoint, in fabric: inout Fabric) {
    let request = tlp.header
    if request.isPoisoned { return refusePoisoned(request, in: &fabric) }
    // Captured with each write that is completed: PCI Express Base 5.0, 2.2.6.2.
    capturedID = request.destinationID
    let write = space.write(
      offset: Int(request.registerOffset), value: fabric.payloads.word(tlp.payload),
      byteEnables: request.firstByteEnable)
    complete(request, .successful, in: &fabric)
    refresh()
    model.configurationWritten(write, in: &fabric)
    if let port, space.changesDigestGeneration(write) {
      fabric.setDigests(space.generatesDigests, ofLink: port.link, downstream: port.isDownstream)
    }
    if space.startsFunctionLevelReset(write) {
      return resetFunction(for: model, in: &fabric)
    }
    if let place = space.places.powerManagement, write.changes(place + 4, bits: 3) {
      changePower(from: write.before, for: model, in: &fabric)
    }
    updateINTx(&fabric)
    deliverMSIX(&fabric)
    deliverMSI(&fabric)
  }
}
