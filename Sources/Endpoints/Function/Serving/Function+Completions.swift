import LinkBroker
import PCIe

extension Function {
  /// Takes a completion of one of the function's own requests.
  ///
  /// - Source: PCI Express Base 5.0, 2.3.2 "Completion Handling Rules"; 6.6.2 for those that meet a reset.
  func takeCompletion(_ tlp: FabricTLP, for model: some Endpoint, in fabric: inout Fabric) {
    let header = tlp.header
    guard let port, limits.configuresFrom <= fabric.now else { return }
    guard header.requesterID == id else {
      return detect(
        .unexpectedCompletion, .foreignCompletion(header.requesterID, own: id), header, isAdvisory: true,
        in: &fabric)
    }
    let outcome = requester.receive(tlp, over: port, in: &fabric)
    if case .unexpected(let reason) = outcome {
      return detect(
        .unexpectedCompletion, .unexpectedCompletion(reason), header, isAdvisory: true, in: &fabric)
    }
    if requester.translations.hasSettled { answerInvalidations(in: &fabric) }
    if header.completionStatus != .successful || header.isPoisoned { noteStatus(of: header, in: &fabric) }
    if case .ended(let operation) = outcome { model.transferEnded(operation, in: &fabric) }
    if !requester.stopped.isEmpty { tellStopped(to: model, in: &fabric) }
  }

  /// Tells a model of transfers that waited for a tag and may not request any more.
  private func tellStopped(to model: some Endpoint, in fabric: inout Fabric) {
    while let operation = requester.takeStopped() { model.transferEnded(operation, in: &fabric) }
  }

  /// Records what a completion says in the Status register.
  ///
  /// - Source: PCI Express Base 5.0, 7.5.1.1.4 "Status Register".
  func noteStatus(of header: TLPHeader, in fabric: inout Fabric) {
    switch header.completionStatus {
    case .successful: break
    case .unsupportedRequest: space.raise(.receivedUnsupportedRequest)
    case .completerAbort: space.raise(.receivedTargetAbort)
    case .requestRetry:
      // A retry is for configuration requests, which a function never sends.
      detect(.malformedTLP, .retriedMemoryRequest(tag: header.tag), header, in: &fabric)
    }
    if header.isPoisoned {
      if space.command.contains(.parityErrorResponse) { space.raise(.dataParityError) }
      // The transfer ends with an error that its model knows of, so work goes on: 6.2.3.2.4.3.
      detect(.poisonedTLP, .poisoned, header, isAdvisory: true, in: &fabric)
    }
  }

  /// The timer of the function's own requests has run out.
  ///
  /// - Source: PCI Express Base 5.0, 2.8 and 6.2.3.2.4.4; the function does not try again.
  func expireRequests(for model: some Endpoint, in fabric: inout Fabric) {
    guard let port else { return }
    for expiry in requester.timerFired(over: port, in: &fabric) {
      detect(.completionTimeout, .timeout(tag: expiry.tag), nil, in: &fabric)
      if expiry.endsTransfer { model.transferEnded(expiry.operation, in: &fabric) }
    }
    tellStopped(to: model, in: &fabric)
    answerInvalidations(in: &fabric)
  }
}
