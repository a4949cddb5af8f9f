import RunEvents

/// What the supervisor tells a worker.
///
/// - Layout: one line of words, for a suite followed by the bytes of path and text.
enum WorkerCommand: Hashable, Sendable {
  /// The text of a suite, sent once before its first case.
  case suite(index: Int, path: String, text: [UInt8])
  /// The text of a board file, sent once before the first case.
  case board(path: String, text: [UInt8])
  /// Where a tool or an image is that the command line names.
  case place(Place, name: String, path: String)
  /// One try of a case.
  case run(WorkerTask)

  /// What has its place on the command line.
  enum Place: String, Hashable, Sendable { case tool, image, accelerator }

  /// The bytes to send.
  var bytes: [UInt8] {
    switch self {
    case .suite(let index, let path, let text):
      let path = Array(path.utf8)
      return Array("suite \(index) \(path.count) \(text.count)\n".utf8) + path + text
    case .board(let path, let text):
      let path = Array(path.utf8)
      return Array("board \(path.count) \(text.count)\n".utf8) + path + text
    case .place(let kind, let name, let path):
      let parts = [Array(name.utf8), Array(path.utf8)]
      return Array("\(kind.rawValue) \(parts[0].count) \(parts[1].count)\n".utf8) + parts[0] + parts[1]
    case .run(let task):
      let words = [
        task.suite, task.instance, task.key.instance, task.key.attempt, Int(task.timeoutScale.thousandths),
        task.keepsRoot ? 1 : 0,
      ]
      return Array("run \(words.map(String.init).joined(separator: " ")) \(task.seed)\n".utf8)
    }
  }
}

/// One try of a case, by numbers that both sides know.
struct WorkerTask: Hashable, Sendable {
  /// The place of the suite among those of the run.
  var suite: Int
  /// The place of the case in the plan of its suite.
  var instance: Int
  /// The place of the case in the run, and the try.
  var key: CaseKey
  var seed: UInt64
  var timeoutScale: TimeoutScale
  /// Whether the next case of the worker goes on with what this one leaves.
  var keepsRoot = false
}

/// What a worker says besides its events, one byte each.
enum WorkerSignal: UInt8 {
  /// The case is over and its events are all written.
  case done = 0x64
  /// The pipe of events is full: the case goes on when somebody reads.
  case full = 0x66
}
