extension TopologyBuilder {
  /// The queues and namespaces of an NVMe controller; nil for every other model.
  func nvmeSettings(_ fields: Fields, _ model: Model) throws(AlreadyReported) -> NVMeSettings? {
    guard model == .nvme else { return nil }
    var settings = NVMeSettings()
    guard let own = fields.object("nvme") else { return settings }
    if let count = try own.value("queues", Scalar.count) {
      if !(1...255 ~= count) { sink.report(.outOfRange("queues", count, 1...255), at: own.place("queues")) }
      settings.queues = Int(clamping: min(count, 255))
    }
    guard let entry = own.entry("namespaces") else { return settings }
    let items = entry.value.items ?? []
    if !(1...256 ~= items.count) {
      sink.report(.outOfRange("namespaces", UInt64(items.count), 1...256), at: entry.value.span)
      throw AlreadyReported()
    }
    settings.namespaces = []
    for item in items { settings.namespaces.append(try namespace(Fields(item, values: values))) }
    return settings
  }

  /// The largest namespace that memory stands for, which takes only what is written.
  private static let namespaceBytesMax: UInt64 = 1 << 40

  private func namespace(_ fields: Fields) throws(AlreadyReported) -> NVMeSettings.Namespace {
    let block = try fields.value("block", Scalar.size) ?? 512
    if let file = try fields.text("file") {
      let folder = sink.path.lastIndex(of: "/").map { String(sink.path[...$0]) } ?? ""
      return NVMeSettings.Namespace(storage: .file(file.hasPrefix("/") ? file : folder + file), block: block)
    }
    let size = try fields.required("size", Scalar.size)
    if size % block != 0 || size > Self.namespaceBytesMax {
      sink.report(.namespaceSize(size, block: block, limit: Self.namespaceBytesMax), at: fields.place("size"))
    }
    return NVMeSettings.Namespace(storage: .memory(size), block: block)
  }
}
