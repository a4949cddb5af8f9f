/// Writes a number in lower-case hexadecimal with leading zeros and without a prefix.
public func hexadecimal(_ value: UInt64, digits: Int) -> String {
  let text = String(value, radix: 16)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}
