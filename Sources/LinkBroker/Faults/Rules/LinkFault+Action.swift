public import PCIe
public import Simulation

extension LinkFault {
  /// What happens when the fault strikes.
  public enum Action: Hashable, Sendable {
    /// The TLP or DLLP never reaches the receiver.
    case drop
    /// It comes later by a time drawn from the range; what is behind it waits too.
    case delay(ClosedRange<VirtualDuration>)
    /// It waits until something younger has passed it; what is behind it waits too.
    case hold(Behind)
    /// It comes twice.
    case duplicate
    /// A field changes to a value, or to one that is drawn: a different one, illegal for `type`, `length`,
    /// `firstByteEnables` and `maxPayload`. A TLP of which that is impossible does not match.
    case corrupt(Field, value: UInt64?)
    /// A TLP with data gets EP.
    case poison
    /// The node that receives the request answers like this; what is no request does not match.
    case respond(Response)
    /// A node sends a completion that nobody asked for, on the first of the directions or its first link.
    case completeUnasked(
      completer: Int, requester: FunctionAddress, tag: UInt16, status: CompletionStatus)
    /// The receiver's data link layer drops the TLP and answers Nak.
    case nak
    /// The sender has no credits of a class.
    case starve(FlowControlClass)
    /// The link goes down by surprise, and comes up after the duration.
    case linkDown
    /// A node is cut off for good.
    case kill(node: Int)
    /// A node does nothing; all that comes to it is done when it wakes.
    case hang(node: Int)
    /// Whoever runs the fabric learns of it by `Fabric.takeSignals`.
    case signal
  }

  /// A part of a TLP or DLLP.
  public enum Field: Hashable, Sendable {
    /// The LCRC of a TLP, or the CRC of a DLLP.
    case linkCRC
    /// The end of a TLP on the lanes: its transmitter takes it back, by EDB and the LCRC inverted, and sends
    /// it again with the same sequence number.
    case nullified
    /// EDB at the end of a TLP on the lanes, and the LCRC as it was.
    case badEnd
    /// What an UpdateFC tells: credits for so many TLPs of the largest payload more than there are, or
    /// without a value a count that the rules forbid.
    case credits
    /// The digest; only TLPs that have one match.
    case ecrc
    /// The sequence number that the data link layer gave the TLP.
    case sequence
    /// Fmt and Type, the first byte of the header.
    case type
    /// The Length field.
    ///
    /// - Units: DWs.
    case length
    /// A payload one DW above Max_Payload_Size of the link, Length agreeing.
    case maxPayload
    case firstByteEnables
    /// The address of a memory request of several DWs, moved to where it crosses the end of its 4 KiB page.
    case boundary
    /// The address of a memory, I/O or AtomicOp request; what is drawn keeps its place in the 4 KiB page.
    case address
    case requester
    /// The tag of a non-posted request or a completion.
    case tag
    /// The Byte Count of a completion.
    case byteCount
    /// The first DW of the payload where a value is given, otherwise a bit anywhere in it.
    case payload
  }

  /// What must pass a TLP that is held.
  public enum Behind: Hashable, Sendable {
    /// The interrupt of any MSI-X vector.
    case interrupt
    /// A completion of the same request.
    case sameRequest
    /// A completion of another request.
    case otherRequest
    case tlps(TLPKinds)
  }

  /// How a completer answers.
  public enum Response: Hashable, Sendable {
    /// By this status; a posted request is dropped instead.
    case status(CompletionStatus)
    /// A memory read in pieces of sizes drawn from the range, cut at read completion boundaries.
    ///
    /// - Units: bytes. The fabric sets the seed to what it has drawn.
    case split(ClosedRange<Int>, seed: UInt64 = 0)
  }
}
