import LinkBroker
import Transports

/// One end of a link that the program of a node plays.
final class OutsideNodeEnd {
  /// The name of the link.
  let link: String
  let doorway: OutsideDoorway
  /// Where the program comes, and whoever comes after it is sent away.
  var door: (any LinkDoor)?
  /// Whether the program has something there, so that it may come; a card that a step plugs in comes later.
  var isPlugged: Bool
  /// Whether the program was let in at the door.
  var isIn = false
  /// What the program has said that it is; nil for a host, for a raw device, and before it has come.
  var description: Transports.LinkDescription?
  /// The program's place in the fabric; nil before a device has come.
  var place: (any OutsideEnd)?
  /// The place's number on the fabric.
  var number = -1
  /// Whether the program that has come is on the fabric, of which it does not know yet.
  var isSeated = false
  /// Whether its program has not come yet.
  var isAwaited: Bool { !isPlugged || door.map { $0.hello == nil } ?? false }
  /// Whether its program is to come and has not been let in.
  var isOpen: Bool { isPlugged && !isIn }

  /// Without a door nothing is there yet.
  init(link: String, doorway: OutsideDoorway, door: (any LinkDoor)?) {
    self.link = link
    self.doorway = doorway
    self.door = door
    isPlugged = door != nil
  }

  /// Opens the door for the next program, where the last one was let in.
  func reopen(for node: String) throws(NodeProblem) {
    guard isIn || door == nil else { return }
    // The place is free again before somebody new listens there.
    door = nil
    isIn = false
    isSeated = false
    door = try doorway.open(for: node)
  }
}
