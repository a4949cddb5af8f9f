import CSystem
import Glibc
public import Nodes

/// Facts about the machine the program runs on.
public enum Machine {
  /// The processors this process may use: its affinity, cut to the quota of its control group.
  public static var coreCount: Int {
    let allowed = max(1, Int(csys_affinity_count()))
    guard let quota = controlGroupQuota else { return allowed }
    return min(allowed, max(1, quota))
  }

  /// Whole processors that the control group grants, rounded up; nil without a limit.
  private static var controlGroupQuota: Int? {
    let own = (try? FileStore.read("/proc/self/cgroup")).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let place = own.split(separator: "\n").first { $0.hasPrefix("0::") }?.dropFirst(3) ?? "/"
    var path = Substring("/sys/fs/cgroup") + place
    var least: Int?
    while path.hasPrefix("/sys/fs/cgroup") {
      if let bytes = try? FileStore.read(path + "/cpu.max") {
        let quota = quota(String(decoding: bytes, as: UTF8.self))
        if let quota { least = min(least ?? quota, quota) }
      }
      guard let slash = path.lastIndex(of: "/") else { break }
      path = path[..<slash]
    }
    return least
  }

  /// Reads `max 100000` or `150000 100000`.
  static func quota(_ text: String) -> Int? {
    let words = text.split { $0 == " " || $0 == "\n" }
    guard words.count == 2, let quota = Int(words[0]), let period = Int(words[1]), period > 0, quota > 0
    else {
      return nil
    }
    return (quota + period - 1) / period
  }

  /// The memory that programs may take without swapping; nil when the system does not tell.
  ///
  /// - Units: bytes.
  /// - Source: Linux, `Documentation/filesystems/proc.rst`, MemAvailable.
  public static var availableMemory: UInt64? {
    (try? FileStore.read("/proc/meminfo")).flatMap { memory(String(decoding: $0, as: UTF8.self)) }
  }

  /// Reads `MemAvailable:  1234 kB` out of its list.
  static func memory(_ text: String) -> UInt64? {
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("MemAvailable:") }) else {
      return nil
    }
    let words = line.split(separator: " ")
    guard words.count == 3, words[2] == "kB", let kibibytes = UInt64(words[1]) else { return nil }
    let (bytes, overflow) = kibibytes.multipliedReportingOverflow(by: 1024)
    return overflow ? nil : bytes
  }

  /// Whether this process may make control groups of its own, so that nothing it starts can escape.
  public static var hasDelegatedControlGroup: Bool {
    let own = (try? FileStore.read("/proc/self/cgroup")).map { String(decoding: $0, as: UTF8.self) } ?? ""
    guard let place = own.split(separator: "\n").first(where: { $0.hasPrefix("0::") })?.dropFirst(3) else {
      return false
    }
    let path = "/sys/fs/cgroup" + place
    return unsafe FileStore.kind("\(path)/cgroup.procs") == .file && access(path, W_OK) == 0
  }

  /// The name of this machine.
  public static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The architecture of this program, such as `x86_64`.
  public static var architecture: String {
    #if arch(x86_64)
      "x86_64"
    #elseif arch(arm64)
      "aarch64"
    #else
      "unknown"
    #endif
  }

  /// A seed from the operating system's source of chance, for a run that was given none.
  public static func drawSeed() throws(SystemError) -> UInt64 {
    var seed: UInt64 = 0
    let result = unsafe csys_random_bytes(&seed, 8)
    if result < 0 { throw SystemError("draw a seed", result: result) }
    // 32 bits are as good for a run and can be typed by hand.
    return seed >> 32
  }

  /// A variable of the environment; nil when it is not set.
  public static func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }
}
