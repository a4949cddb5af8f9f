import PCIe
import Testing

/// Every TLP of the golden vectors, both ways.
@Suite struct TLPVectorTests {
  static let kinds: [String: TLPKind] = [
    "MEM_READ": .memoryRead, "MEM_READ_LOCKED": .memoryReadLocked, "MEM_WRITE": .memoryWrite,
    "IO_READ": .ioRead, "IO_WRITE": .ioWrite, "CFG_READ_0": .configurationRead0,
    "CFG_READ_1": .configurationRead1, "CFG_WRITE_0": .configurationWrite0,
    "CFG_WRITE_1": .configurationWrite1, "CPL": .completion, "CPL_DATA": .completionWithData,
    "CPL_LOCKED": .completionLocked, "CPL_LOCKED_DATA": .completionLockedWithData, "FETCH_ADD": .fetchAdd,
    "SWAP": .swap, "CAS": .compareAndSwap,
  ]
  static let statuses = [
    "SC": CompletionStatus.successful, "UR": .unsupportedRequest, "CRS": .requestRetry, "CA": .completerAbort,
  ]

  @Test func everyVectorDecodesToItsFieldsAndBack() throws {
    let vectors = try Vectors.load("tlp.json", as: TLPVectorFile.self).vectors
    #expect(vectors.count == 575)
    for vector in vectors {
      let wire = bytes(vector.hex)
      let label = Comment(rawValue: "\(vector.name) \(vector.hex.prefix(32))")
      // This one says that a digest follows and carries none.
      if vector.name == "mwr32_td" {
        #expect(throws: TLPError.wrongLength(expected: wire.count + 4, seen: wire.count)) {
          try TLP(decoding: wire.rawSpan)
        }
        try check(TLPHeader(decoding: wire.rawSpan), vector, label)
        continue
      }
      let tlp = try TLP(decoding: wire.rawSpan)
      #expect(tlp.bytes == wire, label)
      #expect(tlp.payload.count == vector.payloadBytes, label)
      try check(tlp.header, vector, label)
      #expect(try build(vector.fields, label) == tlp.header, label)
    }
  }

  private func check(_ header: TLPHeader, _ vector: TLPVector, _ label: Comment) throws {
    let fields = vector.fields
    let base = fields.fmtType.hasSuffix("_64") ? String(fields.fmtType.dropLast(3)) : fields.fmtType
    let kind = try #require(Self.kinds[base], label)
    #expect(header.kind == kind, label)
    #expect(header.formatAndType == fields.fmt << 5 | fields.type, label)
    #expect(header.headerBytes == vector.headerBytes, label)
    #expect(header.trafficClass == fields.tc && header.attributes.rawValue == fields.attr, label)
    #expect(header.addressType == fields.at && header.hasProcessingHint == fields.th, label)
    #expect(header.isLightweightNotification == fields.ln && header.hasDigest == fields.td, label)
    #expect(header.isPoisoned == fields.ep && header.tag == fields.tag, label)
    #expect(header.lengthField == UInt32(fields.lengthDw % 1024), label)
    #expect(header.requesterID.rawValue == fields.requesterId, label)
    #expect(header.requesterID.description == fields.requesterBdf, label)
    #expect(FunctionAddress(fields.requesterBdf) == header.requesterID, label)
    let classes: [FlowControlClass: String] = [.posted: "P", .nonPosted: "NP", .completion: "CPL"]
    #expect(classes[kind.flowControlClass] == fields.fcClass, label)
    #expect((header.payloadBytes + 15) / 16 == fields.dataCredits, label)
    if let address = fields.address { #expect(header.address == address, label) }
    if let first = fields.firstBe { #expect(header.firstByteEnable == first, label) }
    if let last = fields.lastBe { #expect(header.lastByteEnable == last, label) }
    if let hint = fields.ph { #expect(header.processingHint == hint, label) }
    if let target = fields.destId { #expect(header.destinationID.rawValue == target, label) }
    if let target = fields.destBdf { #expect(header.destinationID.description == target, label) }
    if let offset = fields.registerOffset { #expect(header.registerOffset == offset, label) }
    if let completer = fields.completerId { #expect(header.completerID.rawValue == completer, label) }
    if let status = fields.status { #expect(header.completionStatus == Self.statuses[status], label) }
    if let modified = fields.bcm { #expect(header.byteCountModified == modified, label) }
    if let count = fields.byteCount { #expect(header.byteCount == (count == 0 ? 4096 : count), label) }
    if let lower = fields.lowerAddress { #expect(header.lowerAddress == lower, label) }
  }

  /// The header made from the fields alone.
  private func build(_ fields: TLPVector.Fields, _ label: Comment) throws -> TLPHeader {
    var header = TLPHeader()
    header.formatAndType = fields.fmt << 5 | fields.type
    header.trafficClass = fields.tc
    header.attributes = TLPAttributes(rawValue: fields.attr)
    header.addressType = fields.at
    header.hasProcessingHint = fields.th
    header.isLightweightNotification = fields.ln
    header.hasDigest = fields.td
    header.isPoisoned = fields.ep
    header.lengthDW = fields.lengthDw
    header.tag = fields.tag
    header.requesterID = FunctionAddress(rawValue: fields.requesterId)
    if let address = fields.address { header.address = address }
    if let first = fields.firstBe { header.firstByteEnable = first }
    if let last = fields.lastBe { header.lastByteEnable = last }
    if let hint = fields.ph { header.processingHint = hint }
    if let target = fields.destId { header.destinationID = FunctionAddress(rawValue: target) }
    if let offset = fields.registerOffset { header.registerOffset = offset }
    if let completer = fields.completerId { header.completerID = FunctionAddress(rawValue: completer) }
    if let status = fields.status { header.completionStatus = try #require(Self.statuses[status], label) }
    if let modified = fields.bcm { header.byteCountModified = modified }
    if let count = fields.byteCount { header.byteCount = count }
    if let lower = fields.lowerAddress { header.lowerAddress = lower }
    return header
  }

  /// The rules accept every vector but those that the vectors' own description calls illegal.
  @Test func theRulesAcceptTheVectors() throws {
    let illegal: Set = ["mrd64_2dw_fbe_0000_lbe_1111", "mrd64_2dw_fbe_1111_lbe_0000"]
    for vector in try Vectors.load("tlp.json", as: TLPVectorFile.self).vectors {
      let header = try TLPHeader(decoding: bytes(vector.hex).rawSpan)
      let broken = TLPRules.check(header, payloadBytes: vector.payloadBytes, maxPayloadBytes: 4096)
      let label = Comment(rawValue: "\(vector.name): \(broken.map { "\($0)" } ?? "accepted")")
      if illegal.contains(vector.name) {
        #expect(
          broken
            == .byteEnables(
              first: header.firstByteEnable, last: header.lastByteEnable, lengthDW: header.lengthDW), label)
      } else {
        #expect(broken == nil, label)
      }
    }
  }
}
