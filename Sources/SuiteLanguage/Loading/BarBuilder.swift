/// Builds the BARs of a model and checks that they fit the six registers.
///
/// - Source: PCI Local Bus 3.0, 6.2.5.1; PCI Express Base 5.0, 7.5.1.2.1 "Base Address Registers".
struct BarBuilder {
  let sink: DiagnosticSink
  /// Nil for a program.
  let model: Model?
  let node: String

  func build(_ fields: Fields) throws(AlreadyReported) -> [BarDescription] {
    guard model?.role ?? .endpoint == .endpoint else { return [] }
    guard let own = fields.entry("bars") else { return defaults(at: fields.span) }
    var bars: [BarDescription] = []
    for entry in own.value.entries ?? [] { bars.append(try build(entry, fields.values)) }
    bars.sort { $0.index < $1.index }
    checkOverlap(bars)
    if model == .dmaEndpoint { checkRegisters(bars, own.keySpan) }
    return bars
  }

  private func build(_ entry: Entry, _ values: [String: Node]) throws(AlreadyReported) -> BarDescription {
    guard let index = Self.index(of: entry.key) else {
      sink.report(.barName(entry.key), at: entry.keySpan)
      throw AlreadyReported()
    }
    // The value may be a reference to a size, so only a map is the long form.
    let isLong = entry.value.entries != nil
    let wrapped = Node(
      content: .map([Entry(key: "size", keySpan: entry.keySpan, value: entry.value)]), span: entry.value.span)
    let fields = Fields(isLong ? entry.value : wrapped, span: entry.keySpan, values: values)
    let access: BarDescription.Access? = try fields.choice("access")
    let bar = BarDescription(
      index: index, size: try fields.required("size", Scalar.size), is64Bit: try fields.text("bits") == "64",
      isPrefetchable: try fields.value("prefetchable", Scalar.bool) ?? false,
      space: try fields.choice("space") ?? .memory,
      access: access ?? (model == .memoryMock && index == 0 ? .readOnly : .readWrite),
      isMapped: try fields.value("mapped", Scalar.bool) ?? false, span: entry.keySpan)
    check(bar, fields)
    if model == nil { checkProgram(bar, fields) }
    return bar
  }

  /// The number behind `bar`; nil for any other name.
  static func index(of name: String) -> Int? {
    guard name.hasPrefix("bar"), name.utf8.count == 4, let index = Int(name.suffix(1)), index < 6 else {
      return nil
    }
    return index
  }

  private func check(_ bar: BarDescription, _ fields: Fields) {
    let place = fields.place("size")
    let isIO = bar.space == .io
    let least: UInt64 = model == nil ? Self.programsLeast : 16
    let limits = isIO ? 4...256 : least...(bar.is64Bit ? 1 << 40 : 1 << 31)
    if bar.size & (bar.size - 1) != 0 {
      sink.report(.barSize(bar, nearest: Self.powerAbove(bar.size)), at: place)
    } else if !limits.contains(bar.size) {
      sink.report(.barLimits(bar, limits), at: place)
    }
    if isIO, bar.is64Bit || bar.isPrefetchable {
      sink.report(.ioBar(bar), at: fields.place(bar.is64Bit ? "bits" : "prefetchable"))
    }
    let holdsRegisters = model == .nvme || model == .dmaEndpoint && bar.index == 0
    let isPlain = bar.space == .memory && bar.access == .readWrite && !holdsRegisters
    if bar.isMapped, !isPlain || bar.size < 4096 || bar.size > Self.mappedMax {
      sink.report(.mappedBar(bar, most: Self.mappedMax), at: fields.place("mapped"))
    }
    if bar.is64Bit, bar.index == 5 { sink.report(.lastBar64, at: fields.place("bits")) }
  }

  /// What the program does with its BARs is its own affair.
  private func checkProgram(_ bar: BarDescription, _ fields: Fields) {
    for key in ["access", "mapped"] {
      guard let entry = fields.entry(key) else { continue }
      sink.report(.barOfProgram(key, bar, node), at: entry.keySpan)
    }
  }

  /// - Source: PCI Express Base 5.0, 7.5.1.2.1: a memory BAR takes at least 128 bytes.
  private static let programsLeast: UInt64 = 128

  /// A mapped BAR takes real memory at once.
  private static let mappedMax: UInt64 = 1 << 30

  private static func powerAbove(_ size: UInt64) -> UInt64 {
    var power: UInt64 = 16
    while power < size, power < 1 << 62 { power <<= 1 }
    return power
  }

  private func checkOverlap(_ bars: [BarDescription]) {
    for (lower, upper) in zip(bars, bars.dropFirst()) where lower.is64Bit && upper.index == lower.index + 1 {
      sink.report(.barOverlap(upper, under: lower), at: upper.span)
    }
  }

  private func checkRegisters(_ bars: [BarDescription], _ place: SourceSpan) {
    let registers = bars.first { $0.index == 0 }
    if registers == nil || registers?.space == .io || (registers?.size ?? 0) < 64 {
      sink.report(.registerBar(node), at: registers?.span ?? place)
    }
  }

  private func defaults(at span: SourceSpan) -> [BarDescription] {
    func bar(
      _ index: Int, _ size: UInt64, is64Bit: Bool = false, _ access: BarDescription.Access = .readWrite
    )
      -> BarDescription
    {
      BarDescription(
        index: index, size: size, is64Bit: is64Bit, isPrefetchable: false, space: .memory, access: access,
        span: span)
    }
    switch model {
    case nil, .rootComplex, .switch: return []
    case .memoryMock: return [bar(0, 128, .readOnly), bar(1, 2048)]
    case .dmaEndpoint: return [bar(0, 4096)]
    case .nvme: return [bar(0, 16384, is64Bit: true)]
    case .revereAMU: return [bar(0, 1 << 20, is64Bit: true)]
    }
  }
}
