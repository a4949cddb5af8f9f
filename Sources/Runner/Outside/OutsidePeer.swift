import LinkBroker
import Transports

/// A program outside at its place in the fabric.
struct OutsidePeer {
  let name: String
  let node: any OutsideEnd
  let transport: any Transport
  /// The link that it sits at.
  let link: Int
  /// Whether its end has been asked for, so that it may hang up.
  var mayLeave = false
}
