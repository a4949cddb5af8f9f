// Nodes that a board plays.
extension TopologyBuilder {
  func buildBoard(_ fields: Fields, name: String) throws(AlreadyReported) -> BoardNode {
    let image = try fields.text("image")
    if let image, !images.contains(image) {
      sink.report(.unknownName("image", image, among: images), at: fields.place("image"))
      throw AlreadyReported()
    }
    let role: NodeDescription.Role = try fields.choice("role") ?? .portless
    return BoardNode(
      board: try fields.required("board", Scalar.name), image: image, role: role, port: try port(fields),
      function: try function(fields, of: name, role), scope: try fields.choice("scope") ?? .case)
  }

  private func port(_ fields: Fields) throws(AlreadyReported) -> UInt16? {
    guard let number = try fields.value("port", Scalar.count) else { return nil }
    guard (1...UInt64(UInt16.max)).contains(number) else {
      sink.report(.outOfRange("port", number, 1...UInt64(UInt16.max)), at: fields.place("port"))
      throw AlreadyReported()
    }
    return UInt16(number)
  }

  /// What the suite says of the function of a device program; nil where it says nothing.
  private func function(
    _ fields: Fields, of name: String, _ role: NodeDescription.Role
  ) throws(AlreadyReported) -> FunctionDescription? {
    guard let first = fields.entries.first(where: { Self.functionKeys.contains($0.key) }) else { return nil }
    guard role == .endpoint else {
      sink.report(.functionOfNoDevice(first.key, name), at: first.keySpan)
      throw AlreadyReported()
    }
    let identity = try identity(fields)
    guard let vendor = identity.vendor, identity.device != nil else {
      sink.report(.functionWithoutID(name), at: fields.entry("id")?.keySpan ?? first.keySpan)
      throw AlreadyReported()
    }
    if vendor == 0 || vendor == .max { sink.report(.nobodysVendor(vendor), at: fields.place("id")) }
    let function = FunctionDescription(
      identity: identity, bars: try BarBuilder(sink: sink, model: nil, node: name).build(fields),
      msixVectors: try vectors(fields, "msix", limit: 2048),
      msiVectors: try vectors(fields, "msi", limit: 32))
    checkTable(function, of: name, fields)
    return function
  }

  /// The keys that describe the function of a program.
  private static let functionKeys = ["id", "bars", "msix", "msi"]

  /// Checks that MSI-X finds a BAR for its table.
  func checkTable(_ function: FunctionDescription, of name: String, _ fields: Fields) {
    guard function.msixVectors > 0, function.msixBarIndex == nil else { return }
    sink.report(.noBarForMSIX(name), at: fields.place("msix"))
  }
}
