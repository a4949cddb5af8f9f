import Nodes
import RunEvents
import Simulation
import SuiteLanguage

/// Turns the data sources of a case into bytes, and keeps what steps save.
struct DataResolver {
  private let seed: UInt64
  /// The folder that paths of files are relative to, with its slash.
  private let folder: String
  private var saved: [String: [UInt8]] = [:]

  /// Files are named relative to the suite.
  init(seed: UInt64, suitePath: String) {
    self.seed = seed
    folder = suitePath.lastIndex(of: "/").map { String(suitePath[...$0]) } ?? ""
  }

  /// The bytes of a source.
  ///
  /// Random bytes come from the case's seed and the step's index alone, so that branches which run side by
  /// side draw the same whatever the order they get their turns in.
  func bytes(_ source: DataSource, step: StepIndex) throws(StepFailure) -> [UInt8] {
    switch source {
    case .bytes(let bytes): return bytes
    case .fill(let byte, let length): return [UInt8](repeating: byte, count: Int(length))
    case .count(let length, let start):
      let round = (0..<256).map { start &+ UInt8(truncatingIfNeeded: $0) }
      var bytes: [UInt8] = []
      bytes.reserveCapacity(Int(length) + 255)
      while bytes.count < Int(length) { bytes += round }
      bytes.removeLast(bytes.count - Int(length))
      return bytes
    case .random(let length):
      var generator = SeededGenerator(seed: FixedHash.seed(seed, step.description))
      return generator.bytes(Int(length))
    case .file(let path): return try file(path)
    case .saved(let name): return try value(name)
    case .inverted(let name): return try value(name).map { ~$0 }
    }
  }

  /// The most that a file may bring.
  private static let fileBytesMax = 256 << 20

  private func file(_ path: String) throws(StepFailure) -> [UInt8] {
    let place = path.hasPrefix("/") ? path : folder + path
    guard FileStore.kind(place) == .file || FileStore.kind(place) == nil else {
      throw .expectation("\(place) is no file of data")
    }
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try FileStore.read(place) } catch { throw .expectation("\(error)") }
    guard !bytes.isEmpty, bytes.count <= Self.fileBytesMax else {
      throw .expectation("\(place) has \(bytes.count) bytes; 1 to \(Self.fileBytesMax) are allowed")
    }
    return bytes
  }

  private func value(_ name: String) throws(StepFailure) -> [UInt8] {
    guard let bytes = saved[name] else { throw .expectation("nothing has been saved as '\(name)' yet") }
    return bytes
  }

  mutating func save(_ bytes: [UInt8], as name: String?) {
    if let name { saved[name] = bytes }
  }
}
