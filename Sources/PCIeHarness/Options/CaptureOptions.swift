import ArgumentParser
import Runner

/// What of the links is captured.
struct CaptureOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Capture what crosses the links as pcapng, a file for each case, and keep it for failed cases or for "
        + "all.",
      valueName: "none|failed|all"))
  var capture: CaptureChoice = .none

  @Option(
    help: ArgumentHelp(
      "Keep so many bytes of each TLP, its pseudo-header included; at least 36, which cuts no header.",
      valueName: "bytes"))
  var captureSnaplen: Int?

  @Option(
    help: ArgumentHelp(
      "Let a capture take so many MiB of memory; then the oldest TLPs give way.", valueName: "MiB"))
  var captureLimit = 64

  func validate() throws {
    if let length = captureSnaplen, !(CaptureRequest.snapLengthMin...Int(Int32.max)).contains(length) {
      throw ValidationError("--capture-snaplen takes 36 or more, got \(length)")
    }
    if !(1...65536).contains(captureLimit) {
      throw ValidationError("--capture-limit takes 1 to 65536, got \(captureLimit)")
    }
  }

  /// What the supervisor has to know; nil when nothing is captured.
  func request(folder: String?) -> CaptureRequest? {
    guard capture != .none, let folder else { return nil }
    return CaptureRequest(
      folder: folder, keepsPassed: capture == .all, snapLength: captureSnaplen ?? 0,
      bytesMax: captureLimit << 20)
  }
}
