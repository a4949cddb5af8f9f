import Nodes

/// The hidden subcommand `worker`, which only the supervisor starts.
public enum WorkerEntry {
  /// Serves the supervisor until it is gone, and answers with the exit status.
  public static func run(_ arguments: [String]) -> Int32 {
    var drill: Drill?
    if let option = arguments.firstIndex(of: "--drill"), arguments.indices.contains(option + 1) {
      drill = Drill(arguments[option + 1])
    }
    do throws(SystemError) {
      try ProcessTree.prepare()
      var process = try WorkerProcess(drill: drill, captures: CaptureRequest(arguments))
      var performer = FabricPerformer(nodes: ProductNodes(), ownsProcess: true)
      try process.serve(by: &performer)
      return 0
    } catch {
      try? StandardStream.error.write(Array("worker: \(error)\n".utf8))
      return 70
    }
  }
}
