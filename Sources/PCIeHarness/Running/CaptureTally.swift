import RunEvents

/// What became of the captures of a run.
struct CaptureTally {
  private let folder: String?
  private var files = 0
  private var incomplete = 0
  private var lost: UInt64 = 0
  /// The captures that could not be written.
  private(set) var problems = 0

  init(folder: String?) { self.folder = folder }

  mutating func add(_ file: CaptureFile) {
    guard file.problem == nil else {
      problems += 1
      return
    }
    files += 1
    guard file.lost > 0 else { return }
    incomplete += 1
    lost += file.lost
  }

  /// Where they are and what is missing in them; nil when there are none.
  var text: String? {
    guard files > 0 else { return nil }
    let place = folder.map { "\($0)/captures" } ?? "captures"
    let count = files == 1 ? "1 file" : "\(files) files"
    guard incomplete > 0 else { return "\(place), \(count)" }
    return
      "\(place), \(count), of which \(incomplete) lack \(lost) earlier records; --capture-limit keeps more"
  }
}
