import LinkBroker
import Nodes
import RunEvents

/// Writes captures into the folder of the run.
enum CaptureOutlet {
  /// Writes a file in large pieces and tells what became of it.
  ///
  /// A capture that cannot be written fails no case: the event names the problem.
  static func write(_ capture: LinkCapture, to file: String, in folder: String) -> CaptureFile {
    var written = CaptureFile(file: file, records: capture.count, lost: capture.lost)
    do throws(SystemError) {
      try FileStore.write(to: "\(folder)/\(file)") { sink throws(SystemError) in try capture.write(into: sink)
      }
    } catch { written.problem = "\(error)" }
    return written
  }
}
