import RunEvents

/// The faults of a case that struck, one line for each rule.
struct FaultLines {
  /// The most rules that are named one by one.
  static let rulesMax = 8

  private var rules: [Int: Entry] = [:]

  private struct Entry {
    var first: StruckFault
    var time: UInt64
    var count: UInt64
  }

  /// Whether nothing struck.
  var isEmpty: Bool { rules.isEmpty }

  mutating func add(_ fault: StruckFault, at time: UInt64) {
    guard rules[fault.rule] == nil else {
      rules[fault.rule]?.count += 1
      return
    }
    rules[fault.rule] = Entry(first: fault, time: time, count: 1)
  }

  /// One text for each rule, in the order of the rules.
  func texts(path: String) -> [String] {
    let numbers = rules.keys.sorted()
    var texts = numbers.prefix(Self.rulesMax).compactMap { rules[$0].map { Self.text($0, path) } }
    if numbers.count > texts.count { texts.append("\(numbers.count - texts.count) more rules") }
    return texts
  }

  private static func text(_ entry: Entry, _ path: String) -> String {
    let fault = entry.first
    var text = "\(fault.id), \(fault.verb)"
    if let link = fault.link { text += " on \(link)" }
    if let tlp = fault.tlp ?? fault.dllp { text += ": \(tlp)" }
    text += entry.count == 1 ? ", at" : ", \(entry.count) times, first at"
    text += " \(TimeScale([entry.time]).text(entry.time))"
    if fault.match > 0 { text += ", match \(fault.match)" }
    return text + " (\(fault.span.file ?? path):\(fault.span.line):\(fault.span.column))"
  }
}
