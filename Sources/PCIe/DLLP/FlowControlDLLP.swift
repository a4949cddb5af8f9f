/// The content of a DLLP that hands out credits.
///
/// - Layout: header scale in bits 23:22, header credits in 21:14, data scale in 13:12, data credits in 11:0.
/// - Source: PCI Express Base 5.0, 3.5.1 "Data Link Layer Packet Rules" and 3.4.2 "Scaled Flow Control".
public struct FlowControlDLLP: Hashable, Sendable {
  /// Which step of flow control the DLLP belongs to.
  public enum Phase: UInt8, CaseIterable, Hashable, Sendable {
    case initialize1 = 0x40
    case initialize2 = 0xc0
    case update = 0x80
  }

  public var phase: Phase
  public var flowControlClass: FlowControlClass
  /// The virtual channel, 0 to 7.
  public var virtualChannel: UInt8
  /// The counter as it stands in the DLLP, 8 bits.
  public var headerCredits: UInt8
  /// The counter as it stands in the DLLP, 12 bits.
  public var dataCredits: UInt16
  /// 0 scaling not in use, 1 by 1, 2 by 4, 3 by 16.
  public var headerScale: UInt8
  public var dataScale: UInt8

  /// Fields wider than their place lose their upper bits.
  public init(
    _ phase: Phase, _ flowControlClass: FlowControlClass, virtualChannel: UInt8 = 0, headerCredits: UInt8,
    dataCredits: UInt16, headerScale: UInt8 = 0, dataScale: UInt8 = 0
  ) {
    self.phase = phase
    self.flowControlClass = flowControlClass
    self.virtualChannel = virtualChannel & 7
    self.headerCredits = headerCredits
    self.dataCredits = dataCredits & 0xfff
    self.headerScale = headerScale & 3
    self.dataScale = dataScale & 3
  }

  /// Reads a DLLP of four bytes in host order, nil for another type.
  init?(word: UInt32) {
    let type = UInt8(word >> 24)
    guard type & 0x08 == 0, let phase = Phase(rawValue: type & 0xc0),
      let flowControlClass = FlowControlClass(rawValue: type >> 4 & 3)
    else { return nil }
    self.init(
      phase, flowControlClass, virtualChannel: type & 7, headerCredits: UInt8(truncatingIfNeeded: word >> 14),
      dataCredits: UInt16(truncatingIfNeeded: word & 0xfff), headerScale: UInt8(word >> 22 & 3),
      dataScale: UInt8(word >> 12 & 3))
  }

  var word: UInt32 {
    let type = phase.rawValue | flowControlClass.rawValue << 4 | virtualChannel & 7
    return UInt32(type) << 24 | UInt32(headerScale & 3) << 22 | UInt32(headerCredits) << 14
      | UInt32(dataScale & 3) << 12 | UInt32(dataCredits & 0xfff)
  }

  /// The type as the specification writes it, such as `InitFC1-NP`.
  public var mnemonic: String {
    let name =
      switch phase {
      case .initialize1: "InitFC1"
      case .initialize2: "InitFC2"
      case .update: "UpdateFC"
      }
    return switch flowControlClass {
    case .posted: name + "-P"
    case .nonPosted: name + "-NP"
    case .completion: name + "-Cpl"
    }
  }
}
