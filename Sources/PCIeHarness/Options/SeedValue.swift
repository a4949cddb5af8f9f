import ArgumentParser

/// A seed on the command line, in hexadecimal or decimal.
struct SeedValue: ExpressibleByArgument {
  let seed: UInt64

  init?(argument: String) {
    let digits = argument.hasPrefix("0x") ? UInt64(argument.dropFirst(2), radix: 16) : UInt64(argument)
    guard let digits, !argument.hasPrefix("+"), !argument.hasPrefix("0x+") else { return nil }
    seed = digits
  }
}
