extension ConfigurationSpace {
  /// The space as `lspci -xxxx` prints it: a head line, 256 lines of 16 bytes and an empty line.
  ///
  /// `lspci -F FILE -vvv` decodes such a file without the device.
  public func lspciText(at address: FunctionAddress) -> String {
    let classText = hexadecimal(UInt64(classCode >> 8), digits: 4)
    let ids = "\(hexadecimal(UInt64(vendorID), digits: 4)):\(hexadecimal(UInt64(deviceID), digits: 4))"
    let revision = hexadecimal(UInt64(byte(HeaderRegister.revisionID)), digits: 2)
    var text = "\(address) Class \(classText): \(ids) (rev \(revision))\n"
    for line in stride(from: 0, to: Self.byteCount, by: 16) {
      text += hexadecimal(UInt64(line), digits: 2) + ":"
      for offset in line..<line + 16 { text += " " + hexadecimal(UInt64(byte(offset)), digits: 2) }
      text += "\n"
    }
    return text + "\n"
  }
}
