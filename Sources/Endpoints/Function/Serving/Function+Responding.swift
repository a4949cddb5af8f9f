import LinkBroker
import PCIe

extension Function {
  /// The read completion boundary of everything but a root complex.
  ///
  /// - Source: PCI Express Base 5.0, 2.3.1.1 "Data Return for Read Requests".
  static let readCompletionBoundary: UInt64 = 128

  /// Answers a request as a fault tells, and records what a completer that does so must.
  ///
  /// - Source: PCI Express Base 5.0, 2.3.1 "Request Handling Rules" and 6.2.3.2.4.1.
  func respond(
    to tlp: FabricTLP, with response: LinkFault.Response, for model: some Endpoint, in fabric: inout Fabric
  ) {
    let request = tlp.header
    switch response {
    case .split(let sizes, let seed) where tlp.kind == .memoryRead:
      let cut = CompletionCut(sizes, seed: seed, boundary: Self.readCompletionBoundary)
      serveMemoryRead(request, for: model, cut: cut, in: &fabric)
    case .split, .status(.successful): receive(tlp, for: model, in: &fabric)
    case .status(.unsupportedRequest): refuse(request, BarResponse.unsupportedRequest, in: &fabric)
    case .status(.completerAbort): refuse(request, BarResponse.completerAbort, in: &fabric)
    case .status(.requestRetry):
      // Nothing is wrong with the request.
      if tlp.kind?.flowControlClass == .nonPosted { complete(request, .requestRetry, in: &fabric) }
    }
  }
}
