import PCIe
import Simulation

// What is said about records, most of it after they were taken.
extension LinkCapture {
  /// How far back the record that a finding is about is looked for.
  private static let recordsSearched = 4096

  /// Says what was found wrong with a TLP, at the last record of it.
  mutating func comment(on finding: Finding) {
    guard let header = finding.header else { return }
    if finding.violation == .tagReuse {
      // Found just before the request is sent: it is the next one that is taken.
      notes.append("\(finding.violation.rawValue): \(finding.text)")
      nextMarks.insert(.violation)
      return
    }
    let link = finding.link < 0 ? nil : finding.link
    guard let offset = lastRecord(of: header, link: link) ?? lastRecord(of: header, link: nil) else { return }
    comment(at: offset, "\(finding.violation.rawValue): \(finding.text)", .violation)
  }

  /// Says that a TLP did not arrive.
  mutating func markLost(_ header: TLPHeader, link: Int, _ text: String) {
    guard let offset = lastRecord(of: header, link: link) else { return }
    comment(at: offset, text, .lost)
  }

  /// Says which fault has touched the record taken last, a TLP of that kind.
  mutating func commentLast(fault rule: Int, kind: TLPKind? = nil) {
    guard used > 0 else { return }
    comment(at: lastOffset, name(ofFault: rule, kind: kind), .fault)
  }

  /// Says which fault has touched a TLP after it was taken.
  mutating func mark(_ tlp: FabricTLP, link: Int, fault rule: Int) {
    guard let offset = lastRecord(of: tlp.header, link: link) else { return }
    comment(at: offset, name(ofFault: rule, kind: tlp.kind), .fault)
  }

  /// Says which fault has struck something else than a TLP, at the next record and so with its own time.
  mutating func note(fault rule: Int, at now: VirtualTime) {
    notes.append("\(name(ofFault: rule, kind: nil)), at \((now - origin).picoseconds / 1000) ns")
    nextMarks.insert(.note)
  }

  private func name(ofFault rule: Int, kind: TLPKind?) -> String {
    let names = kind.flatMap { settings.faultsByKind[$0] } ?? settings.faults
    return names.indices.contains(rule) ? names[rule] : "touched by fault rule \(rule)"
  }

  mutating func comment(at offset: Int, _ text: String, _ mark: CaptureMarks) {
    bytes.withMutableRawSpan { span in
      let marks = span.bytes.loadLE(at: offset + Self.marksOffset, as: UInt8.self)
      span.storeLE(marks | mark.rawValue, at: offset + Self.marksOffset)
    }
    if !comments.suffix(8).contains(where: { $0.offset == offset && $0.text == text }) {
      comments.append(Comment(offset: offset, text: text))
    }
  }

  /// Where the last record of a TLP begins; a TLP that is sent on is recorded once for each link.
  private func lastRecord(of header: TLPHeader, link wanted: Int?) -> Int? {
    var sought = [UInt8](repeating: 0, count: header.encodedBytes)
    sought.withMutableRawSpan { _ = header.encode(into: &$0) }
    var end = used
    var left = Self.recordsSearched
    while end > 0, left > 0 {
      let offset = end - Int(bytes.loadLE(at: end - 4, as: UInt32.self))
      if wanted == nil || wanted == link(at: offset), holds(sought, at: offset) { return offset }
      end = offset
      left -= 1
    }
    return nil
  }

  private func holds(_ header: [UInt8], at offset: Int) -> Bool {
    let wire = offset + Self.headBytes
    let captured = Int(bytes.loadLE(at: offset + 20, as: UInt32.self))
    let start: Int
    switch CaptureLayer(rawValue: bytes[wire] >> 4 & 7) {
    case .transaction: start = 2
    case .dataLink: start = 4
    case .dllp, nil: return false
    }
    guard captured - start >= header.count else { return false }
    return header.elementsEqual(bytes[wire + start..<wire + start + header.count])
  }
}
