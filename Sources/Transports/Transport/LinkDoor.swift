public import LinkBroker

/// Where the program of one node comes to its link, and where whoever comes after it is sent away.
///
/// Nothing here waits, whatever a program does; what is wrong with it is told to it and noted.
public protocol LinkDoor: AnyObject {
  /// What the program has said that may come in, nil before; it stays when the program is let in.
  var hello: LinkHello? { get }
  /// Why no program will come in any more; nil while one may.
  var failure: String? { get }
  /// Whether somebody has connected who has not said what it is.
  var hasSilentCaller: Bool { get }
  /// Where programs come; nil where the program is called.
  var place: String? { get }
  /// How the program finds its link, as a fact of a failure.
  var direction: String { get }
  /// The descriptors that tell that there is something to look at.
  var waits: [TransportWait] { get }
  /// When to look again although no descriptor is ready; nil when never.
  ///
  /// - Units: nanoseconds from now.
  var patience: UInt64? { get }

  /// Lets in who has come and hears what it says; true when anything has changed.
  func look() -> Bool
  /// Takes what was noted: programs that were sent away, and why.
  func takeNotes() -> [String]
  /// Sends the program away that has said what it is.
  func refuse(_ text: String)
  /// Makes the link of the program that has said what it is.
  ///
  /// - Throws: what the operating system says; there must be a hello.
  func welcome(_ settings: OutsideSettings) throws(LinkError) -> any Transport
}

extension LinkDoor {
  public var patience: UInt64? { nil }
  public var failure: String? { nil }
}
