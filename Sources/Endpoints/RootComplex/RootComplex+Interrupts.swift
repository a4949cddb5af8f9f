public import PCIe

extension RootComplex {
  /// Takes one arrival of an interrupt, from one function or from any; false when none is left.
  public func claimInterrupt(
    _ kind: InterruptTarget.Kind, vector: Int, from function: FunctionAddress?
  ) -> Bool {
    core.interrupts.claim(kind, vector: vector, from: function)
  }

  /// Starts all counts anew.
  public func resetCounts() { core.resetCounts() }

  /// Sets bytes of host memory, as the host's own software does.
  public func setMemory(_ bytes: [UInt8], at address: Int) {
    copyBytes(from: bytes, at: 0, to: &core.memory.bytes, at: address, count: bytes.count)
  }
}
