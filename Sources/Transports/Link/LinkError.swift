import CPCIeLink

/// What went wrong with a link to an outside program.
public struct LinkError: Error, Hashable, Sendable {
  /// One of `PCIE_LINK_E_*`.
  public let code: CInt
  /// The value seen and the bound; empty when the code says all.
  public let text: String

  init(_ code: CInt, _ why: pcie_link_text) {
    self.code = code
    text = unsafe withUnsafePointer(to: why) { unsafe String(cString: pcie_link_text_string($0)) }
  }

  init(_ code: CInt, _ text: String = "") {
    self.code = code
    self.text = text
  }
}

extension LinkError: CustomStringConvertible {
  public var description: String {
    let meaning = unsafe String(cString: pcie_link_strerror(code))
    return text.isEmpty ? meaning : "\(meaning): \(text)"
  }
}
