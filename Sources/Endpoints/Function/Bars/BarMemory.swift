public import LinkBroker
import PCIe

/// The contents of a BAR that is plain memory; a large one takes real memory only where it has been written.
///
/// A class, for a struct of its size would be copied to be looked at.
/// - Complexity: constant for an access inside one page; a first write into a page of a large BAR allocates.
public final class BarMemory {
  /// Up to this size all bytes stand in one piece.
  static let flatBytesMax: UInt64 = 1 << 20
  /// The largest BAR that can be kept.
  public static let byteCountMax: UInt64 = 1 << 40
  private static let pageBytes = 4096
  private static let pagesPerGroup = 1024

  public let byteCount: UInt64
  /// All bytes of a small BAR, or the pages of a large one in the order of their first write.
  private var bytes: [UInt8]
  /// Where the bytes stand instead that others may change too.
  let storage: (any BarStorage)?
  /// For each 4 MiB of a large BAR the places of its pages, empty before the first write.
  private var groups: [[Int32]] = []

  /// Memory that holds some bytes at its start and zeros behind them.
  public init(byteCount: UInt64, contents: [UInt8] = []) {
    precondition(byteCount <= Self.byteCountMax, "a BAR of this size is refused when its model is built")
    self.byteCount = byteCount
    storage = nil
    if byteCount <= Self.flatBytesMax {
      bytes = [UInt8](repeating: 0, count: Int(byteCount))
    } else {
      bytes = []
      let groupBytes = UInt64(Self.pageBytes * Self.pagesPerGroup)
      groups = [[Int32]](repeating: [], count: Int((byteCount + groupBytes - 1) / groupBytes))
    }
    write(contents, at: 0)
  }

  /// Memory that others may change too, with some bytes at its start and zeros behind them.
  init(_ storage: any BarStorage, contents: [UInt8]) {
    byteCount = storage.byteCount
    self.storage = storage
    bytes = []
    let zeros = [UInt8](repeating: 0, count: Self.pageBytes)
    for offset in stride(from: 0, to: Int(byteCount), by: zeros.count) {
      storage.write(zeros.rawSpan.extracting(0..<min(zeros.count, Int(byteCount) - offset)), at: offset)
    }
    storage.write(contents.rawSpan, at: 0)
  }

  /// Whether all bytes stand in one piece here.
  var isFlat: Bool { groups.isEmpty && storage == nil }

  /// Copies bytes of a BAR that stands in one piece.
  @inline(__always)
  func read(at offset: Int, into target: inout MutableRawSpan) {
    copyBytes(from: bytes, at: offset, to: &target)
  }

  /// Copies bytes into a BAR that stands in one piece.
  func write(_ source: RawSpan, at offset: Int) {
    copyBytes(from: source, at: 0, to: &bytes, at: offset, count: source.byteCount)
  }

  /// Copies bytes of the memory into a payload.
  public func read(
    at offset: Int, count: Int, into payload: PayloadReference, at place: Int, in fabric: inout Fabric
  ) {
    precondition(offset >= 0 && count >= 0 && UInt64(offset + count) <= byteCount, "outside the BAR")
    if isFlat {
      return fabric.payloads.write(bytes, from: offset, count: count, to: payload, at: place)
    }
    if let storage {
      var copy = [UInt8](repeating: 0, count: count)
      copy.withMutableRawSpan { storage.read(at: offset, into: &$0) }
      return fabric.payloads.write(copy, from: 0, count: count, to: payload, at: place)
    }
    var done = 0
    while done < count {
      let piece = pieceBytes(offset + done, count - done)
      if let start = pagePlace(of: offset + done) {
        fabric.payloads.write(bytes, from: start, count: piece, to: payload, at: place + done)
      } else {
        for index in 0..<piece { fabric.payloads.setByte(payload, at: place + done + index, to: 0) }
      }
      done += piece
    }
  }

  /// Copies bytes of a payload into the memory.
  public func write(
    at offset: Int, count: Int, from payload: PayloadReference, at place: Int, in fabric: inout Fabric
  ) {
    precondition(offset >= 0 && count >= 0 && UInt64(offset + count) <= byteCount, "outside the BAR")
    if isFlat {
      return fabric.payloads.read(payload, from: place, count: count, to: &bytes, at: offset)
    }
    if let storage {
      var copy = [UInt8](repeating: 0, count: count)
      fabric.payloads.read(payload, from: place, count: count, to: &copy, at: 0)
      return storage.write(copy.rawSpan, at: offset)
    }
    var done = 0
    while done < count {
      let piece = pieceBytes(offset + done, count - done)
      let start = makePagePlace(of: offset + done)
      fabric.payloads.read(payload, from: place + done, count: piece, to: &bytes, at: start)
      done += piece
    }
  }

  /// Copies bytes into the memory, as the model itself does.
  public func write(_ source: [UInt8], at offset: Int) { write(source, count: source.count, at: offset) }

  /// Copies the first bytes of an array into the memory.
  func write(_ source: [UInt8], count: Int, at offset: Int) {
    precondition(offset >= 0 && UInt64(offset + count) <= byteCount, "outside the BAR")
    if let storage { return storage.write(source.rawSpan.extracting(0..<count), at: offset) }
    var done = 0
    while done < count {
      let piece = isFlat ? count : pieceBytes(offset + done, count - done)
      let start = isFlat ? offset : makePagePlace(of: offset + done)
      copyBytes(from: source, at: done, to: &bytes, at: start, count: piece)
      done += piece
    }
  }

  /// Copies bytes of the memory to the start of an array.
  func read(at offset: Int, count: Int, into target: inout [UInt8]) {
    precondition(offset >= 0 && UInt64(offset + count) <= byteCount, "outside the BAR")
    if let storage {
      var copy = [UInt8](repeating: 0, count: count)
      copy.withMutableRawSpan { storage.read(at: offset, into: &$0) }
      return copyBytes(from: copy, at: 0, to: &target, at: 0, count: count)
    }
    var done = 0
    while done < count {
      let piece = isFlat ? count : pieceBytes(offset + done, count - done)
      if let start = isFlat ? offset : pagePlace(of: offset + done) {
        copyBytes(from: bytes, at: start, to: &target, at: done, count: piece)
      } else {
        for index in done..<done + piece { target[index] = 0 }
      }
      done += piece
    }
  }

  /// Makes bytes zero; pages that have never been written are that already.
  func clear(at offset: Int, count: Int) {
    precondition(offset >= 0 && UInt64(offset + count) <= byteCount, "outside the BAR")
    if let storage {
      let zeros = [UInt8](repeating: 0, count: count)
      return storage.write(zeros.rawSpan, at: offset)
    }
    var done = 0
    while done < count {
      if !isFlat, let rest = untouchedBytes(from: offset + done) {
        done += min(rest, count - done)
        continue
      }
      let piece = isFlat ? count : pieceBytes(offset + done, count - done)
      if let start = isFlat ? offset : pagePlace(of: offset + done) {
        for index in start..<start + piece { bytes[index] = 0 }
      }
      done += piece
    }
  }

  /// The DW at an offset, its first byte in bits 7:0.
  public func word(at offset: Int) -> UInt32 {
    precondition(offset >= 0 && offset & 3 == 0 && UInt64(offset + 4) <= byteCount, "outside the BAR")
    if let storage {
      var copy: [UInt8] = [0, 0, 0, 0]
      copy.withMutableRawSpan { storage.read(at: offset, into: &$0) }
      return copy.loadLE(at: 0)
    }
    guard !isFlat else { return bytes.loadLE(at: offset) }
    return pagePlace(of: offset).map { bytes.loadLE(at: $0) } ?? 0
  }

  /// Sets the DW at an offset.
  public func setWord(at offset: Int, to value: UInt32) {
    precondition(offset >= 0 && offset & 3 == 0 && UInt64(offset + 4) <= byteCount, "outside the BAR")
    if let storage {
      let copy = (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      return storage.write(copy.rawSpan, at: offset)
    }
    bytes.storeLE(value, at: isFlat ? offset : makePagePlace(of: offset))
  }
}

// Pages of a large BAR.
extension BarMemory {
  private func pieceBytes(_ offset: Int, _ left: Int) -> Int {
    min(left, Self.pageBytes - offset & (Self.pageBytes - 1))
  }

  /// The bytes up to the end of the 4 MiB around an offset, where none of these has ever been written.
  private func untouchedBytes(from offset: Int) -> Int? {
    let groupBytes = Self.pageBytes * Self.pagesPerGroup
    return groups[offset / groupBytes].isEmpty ? groupBytes - offset % groupBytes : nil
  }

  private func pagePlace(of offset: Int) -> Int? {
    let page = offset / Self.pageBytes
    let group = groups[page / Self.pagesPerGroup]
    guard !group.isEmpty else { return nil }
    let number = group[page % Self.pagesPerGroup]
    return number < 0 ? nil : Int(number) * Self.pageBytes + offset % Self.pageBytes
  }

  private func makePagePlace(of offset: Int) -> Int {
    if let place = pagePlace(of: offset) { return place }
    let page = offset / Self.pageBytes
    let group = page / Self.pagesPerGroup
    if groups[group].isEmpty { groups[group] = [Int32](repeating: -1, count: Self.pagesPerGroup) }
    groups[group][page % Self.pagesPerGroup] = Int32(bytes.count / Self.pageBytes)
    bytes.append(contentsOf: repeatElement(0, count: Self.pageBytes))
    return bytes.count - Self.pageBytes + offset % Self.pageBytes
  }
}
