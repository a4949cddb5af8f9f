import CSystem

/// Turns the bytes of a console into the text that a person would see.
enum ConsoleText {
  /// The text without control characters and sequences of terminals; what is no UTF-8 is replaced.
  ///
  /// - Complexity: O(bytes).
  static func clean(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: visible(bytes), as: UTF8.self)
  }

  /// The bytes that are seen, tabs and line feeds among them.
  static func visible(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    unsafe bytes.withUnsafeBufferPointer { source in
      unsafe [UInt8](unsafeUninitializedCapacity: source.count) { shown, count in
        guard source.count > 0 else { return }
        count = unsafe csys_visible(source.baseAddress, source.count, shown.baseAddress)
      }
    }
  }
}
