public import PCIe

/// Why a hierarchy could not be set up.
public enum EnumerationError: Error, Hashable, Sendable {
  case noBusNumbersLeft(bridge: FunctionAddress)
  case noSpace(function: FunctionAddress, bar: Int, bytes: UInt64, space: String)
  case access(function: FunctionAddress, offset: Int, status: RequestStatus)
  case memoryTooLarge(bytes: Int, limit: UInt64)
  case capabilityLoop(function: FunctionAddress)
  case bar(function: FunctionAddress, ConfigurationSpaceError)
  case noWindow(bridge: FunctionAddress, bytes: UInt64, space: String)
}

extension EnumerationError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noBusNumbersLeft(let bridge): "no bus number is left for the bus below \(bridge)"
    case .noSpace(let function, let bar, let bytes, let space):
      "bar\(bar) of \(function) wants \(bytes) bytes, more than is left of the \(space) space"
    case .access(let function, let offset, let status):
      "a configuration access to \(function) at 0x\(hexadecimal(UInt64(offset), digits: 2)) ended with "
        + "\(status)"
    case .memoryTooLarge(let bytes, let limit):
      "host memory of \(bytes) bytes reaches into the space of device registers, which starts at \(limit)"
    case .bar(let function, let error): "\(function) announces a register no function can have: \(error)"
    case .noWindow(let bridge, let bytes, let space):
      "the window of \(bridge) wants \(bytes) bytes, more than is left of the \(space) space"
    case .capabilityLoop(let function): "the capability list of \(function) never ends"
    }
  }
}
