import LinkBroker
import PCIe

extension Function {
  /// Reports what the function has found, records it and tells the root complex as far as software wants it.
  ///
  /// - Source: PCI Express Base 5.0, 6.2.5 "Sequence of Device Error Signaling and Logging Operations".
  func detect(
    _ violation: Violation, _ error: FunctionError, _ header: TLPHeader?, isAdvisory: Bool = false,
    in fabric: inout Fabric
  ) {
    fabric.report(
      Finding(
        time: fabric.now, violation: violation, node: port?.node ?? 0, link: port?.link ?? -1, header: header,
        text: text(error, header)))
    record(violation, header, isAdvisory: isAdvisory, in: &fabric)
  }

  /// Records an error that has been reported already.
  func record(
    _ violation: Violation, _ header: TLPHeader?, isAdvisory: Bool = false, in fabric: inout Fabric
  ) {
    tally.errors &+= 1
    let controls = virtual.map { ErrorControls($0.physical.space) }
    for message in space.log(violation, header: header, isAdvisoryCase: isAdvisory, controls: controls) {
      send(.message(message.code, requester: id), in: &fabric)
    }
  }

  /// Answers a request that the function does not support: a completion, or silence to a posted one.
  ///
  /// While a reset goes on nothing is recorded. A completion with an error makes the case an advisory one,
  /// unless the request was poisoned as well.
  /// - Source: PCI Express Base 5.0, 2.3.1, 6.2.3.2.4.1 and 6.6.2.
  func refuse(_ request: TLPHeader, _ error: FunctionError, in fabric: inout Fabric) {
    let isPosted = request.kind?.flowControlClass == .posted
    if limits.configuresFrom <= fabric.now {
      var found = [ErrorPrecedence.Found(.unsupportedRequest, isAdvisory: !isPosted)]
      if request.isPoisoned, request.hasData { found.append(.init(.poisonedTLP, isAdvisory: false)) }
      if let first = ErrorPrecedence.reported(found) {
        detect(first.violation, error, request, isAdvisory: first.isAdvisory, in: &fabric)
      }
    }
    if !isPosted { complete(request, .unsupportedRequest, in: &fabric) }
  }

  /// Answers a request that no BAR claims.
  func refuseUnclaimed(_ request: TLPHeader, isIO: Bool = false, in fabric: inout Fabric) {
    refuse(request, unclaimedReason(isIO: isIO, in: fabric), in: &fabric)
  }

  private func unclaimedReason(isIO: Bool, in fabric: borrowing Fabric) -> FunctionError {
    if space.powerState != .d0 { return .asleep(space.powerState) }
    if limits.servesFrom > fabric.now { return .waking }
    let own = space.header.bars.filter { $0.isIO == isIO }
    if own.isEmpty { return .noBar(isIO: isIO) }
    return own.contains(where: space.isDecoding) ? .notClaimed : .spaceDisabled(isIO: isIO)
  }

  /// Answers a request that the model has refused.
  func refuse(
    _ request: TLPHeader, _ response: BarResponse, remainingBytes: Int? = nil, in fabric: inout Fabric
  ) {
    let isPosted = request.kind?.flowControlClass == .posted
    let isAbort = response == .completerAbort
    if isAbort { space.raise(.signaledTargetAbort) }
    detect(
      isAbort ? .completerAbort : .unsupportedRequest, .model(response), request, isAdvisory: !isPosted,
      in: &fabric)
    if !isPosted {
      complete(
        request, isAbort ? .completerAbort : .unsupportedRequest, remainingBytes: remainingBytes, in: &fabric)
    }
  }

  /// Refuses a request whose data is known to be bad: nothing changes, and a non-posted one ends unsupported.
  ///
  /// It is a Poisoned TLP, and never an advisory case, as what the write was to do is lost.
  /// - Source: PCI Express Base 5.0, 2.7.2.2 "Rules For Use of Data Poisoning".
  func refusePoisoned(_ request: TLPHeader, in fabric: inout Fabric) {
    let isPosted = request.kind?.flowControlClass == .posted
    detect(.poisonedTLP, .poisoned, request, in: &fabric)
    if !isPosted { complete(request, .unsupportedRequest, in: &fabric) }
  }
}
