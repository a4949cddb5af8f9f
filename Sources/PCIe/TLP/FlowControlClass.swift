/// The three kinds of traffic that have credits and queues of their own.
///
/// - Source: PCI Express Base 5.0, 2.4.1 "Transaction Ordering Rules" and 2.6.1 "Flow Control Rules".
@frozen
public enum FlowControlClass: UInt8, CaseIterable, Hashable, Sendable {
  case posted
  case nonPosted
  case completion
}
