import PCIe

/// What the faults of one direction look for below Ack and Nak: TLPs by their kind, and DLLPs.
struct FrameTable: Sendable {
  struct Entry: Sendable {
    var kinds: LinkFault.DLLPKinds
    var rule: Int
  }

  /// TLPs that are struck where they are sent.
  private(set) var tlps = FaultTable()
  /// TLPs that their receiver answers with Nak.
  private(set) var refusals = FaultTable()
  private(set) var dllps: ContiguousArray<Entry> = []

  init() {}

  init(sent: ContiguousArray<FaultTable.Watch>, refused: ContiguousArray<FaultTable.Watch>) {
    tlps = FaultTable(sent)
    refusals = FaultTable(refused)
    for watch in sent {
      guard case .dllps(let kinds) = watch.match.subject else { continue }
      dllps.append(Entry(kinds: kinds, rule: watch.rule))
    }
  }

  var isEmpty: Bool { tlps.isEmpty && refusals.isEmpty && dllps.isEmpty }
}

extension LinkFault.DLLPKinds {
  /// The kind of a DLLP by its four bytes; nil for one that no fault asks for.
  init?(word: UInt32) {
    switch try? DLLP(word: word) {
    case .ack: self = .ack
    case .nak: self = .nak
    case .flowControl(let content) where content.phase == .update: self = .updateFC
    default: return nil
    }
  }
}
