/// The messages of a peer as they come, as far as their receiver has room for what they bring.
struct VfioUserInput {
  var reader = VfioUserReader()
  /// Whether messages that are there had to wait for room.
  private(set) var isHeld = false

  /// Gives a receiver the messages that are there; false when there was none, or no room.
  mutating func take<Receiver: VfioUserReceiver>(
    for receiver: inout Receiver
  ) throws(VfioUserStreamError) -> Bool {
    var hasMoved = false
    isHeld = true
    while receiver.takesInput {
      guard let message = try reader.next() else {
        isHeld = false
        break
      }
      try receiver.receive(message)
      hasMoved = true
    }
    return hasMoved
  }
}

/// One side of a conversation.
protocol VfioUserReceiver {
  /// Whether there is room for what a message brings.
  var takesInput: Bool { get }
  /// Takes a message.
  ///
  /// - Throws: when there is no sense in going on.
  mutating func receive(_ message: VfioUserMessage) throws(VfioUserStreamError)
}
