/// How a message finds its receiver.
///
/// - Layout: the low three bits of the Type field; 6 and 7 are reserved.
/// - Source: PCI Express Base 5.0, 2.2.8 "Message Request Rules".
@frozen
public enum MessageRouting: UInt8, CaseIterable, Hashable, Sendable {
  case toRootComplex = 0
  case byAddress = 1
  case byID = 2
  case broadcastFromRootComplex = 3
  case local = 4
  case gatheredToRootComplex = 5
}
