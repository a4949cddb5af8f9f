extension Rule {
  /// Where memory is read or written outside the checks of the language, and why it must be there.
  static let unsafeAllowed: [(place: String, reason: String)] = [
    ("Sources/PCIe/Bytes/", "loads of wire bytes: the standard library has no safe typed load from a span"),
    ("Sources/SuiteLanguage/Reading/", "libyaml hands out pointers to its events"),
    ("Sources/Codecs/", "zlib and libcrypto take pointers"),
    ("Sources/Nodes/", "system calls take and return pointers"),
    ("Sources/Runner/System/", "system calls take and return pointers"),
    ("Sources/Benchmark/System/", "system calls take and return pointers"),
    ("Sources/Transports/", "shared memory of outside processes"),
  ]

  static let unsafe = Rule(name: "unsafe only in its rooms") { file in
    guard file.isInSources, file.language == .swift else { return [] }
    if unsafeAllowed.contains(where: { file.path.hasPrefix($0.place) }) { return [] }
    return file.tokens.filter { $0.text == "unsafe" || $0.text == "@unsafe" }
      .map { file.finding($0.line, "'unsafe' outside \(unsafeAllowed.map(\.place).joined(separator: ", "))") }
  }
}
