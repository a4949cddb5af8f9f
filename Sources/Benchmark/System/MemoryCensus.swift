import Glibc

/// The peak of resident memory of a process and its children, looked at again and again.
///
/// The kernel keeps each peak, so that only what grows after the last look is missed.
struct MemoryCensus {
  let pid: pid_t
  private var peaks: [pid_t: Double] = [:]

  init(pid: pid_t) { self.pid = pid }

  /// The sum over all processes that were ever seen.
  var bytes: Double { peaks.values.reduce(0, +) }

  mutating func look() {
    let children = TextFile.read("/proc/\(pid)/task/\(pid)/children") ?? ""
    for process in [pid] + children.split(separator: " ").compactMap({ pid_t($0) }) {
      guard let peak = Self.peak(of: process) else { continue }
      peaks[process] = max(peaks[process] ?? 0, peak)
    }
  }

  /// - Layout: a line `VmHWM:     12345 kB`.
  private static func peak(of process: pid_t) -> Double? {
    let lines = TextFile.read("/proc/\(process)/status")?.split(separator: "\n") ?? []
    guard let line = lines.first(where: { $0.hasPrefix("VmHWM:") }) else { return nil }
    return line.split(separator: " ").dropFirst().first.flatMap { Double($0) }.map { $0 * 1024 }
  }
}
