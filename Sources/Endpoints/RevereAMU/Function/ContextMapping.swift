/// To which function a context is mapped, and whose work it holds.
struct ContextMapping: Sendable {
  /// The function, -1 for none, and the context's number there.
  private(set) var owner: Int32 = -1
  private(set) var number: Int32 = 0
  /// The function that has worked with it; -1 when the physical one has set it up since.
  private var holder: Int32 = -1

  var isMapped: Bool { owner >= 0 }
  /// What the context holds is a function's, to which it may come back.
  var isHeld: Bool { holder >= 0 }

  /// Maps the context; true when it holds what is another function's.
  mutating func map(to function: Int, as number: Int) -> Bool {
    owner = Int32(truncatingIfNeeded: function)
    self.number = Int32(truncatingIfNeeded: number)
    defer { holder = owner }
    return isHeld && holder != owner
  }

  mutating func unmap() { owner = -1 }

  /// The physical function has set the context up.
  mutating func settle() { holder = -1 }
}
