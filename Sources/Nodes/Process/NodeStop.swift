/// The stop of a node in progress.
struct NodeStop {
  /// When what has not ended is killed.
  var deadline: MonotonicInstant
  /// When nobody waits for the dead any more.
  var giveUp: MonotonicInstant
  /// Whether the first process had to be killed.
  var isForced = false
  /// Whether what was left behind has been killed.
  var isSwept = false
  /// Whether nothing is left to do.
  var isDone = false
  /// What was left behind and had to be killed.
  var left: [LeftProcess] = []
  /// Those left behind whose end is awaited.
  var watched: [WatchedProcess] = []

  /// What a process that was killed may take to be gone.
  static let dyingNanoseconds: UInt64 = 5_000_000_000
}
