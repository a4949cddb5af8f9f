/// Counts and tells what was right and what was wrong.
struct Verdicts {
  private(set) var passed: UInt32 = 0
  private(set) var failed: UInt32 = 0

  mutating func check(_ name: StaticString, _ address: FunctionAddress, _ isRight: Bool) {
    if isRight { passed += 1 } else { failed += 1 }
    Console.put(isRight ? "PASS " : "FAIL ")
    Console.put(address)
    Console.put(" ")
    Console.put(name)
    Console.endLine()
  }

  func tell() {
    Console.put("verdict: 0x")
    Console.put(UInt64(passed), digits: 4)
    Console.put(" passed, 0x")
    Console.put(UInt64(failed), digits: 4)
    Console.put(" failed")
    Console.endLine()
  }
}
