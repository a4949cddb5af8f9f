import Simulation
import Testing

@Suite("Virtual time")
struct VirtualTimeTests {
  @Test("time saturates at its end and never wraps")
  func saturates() {
    #expect(VirtualTime.never + .seconds(1) == .never)
    #expect(VirtualTime(picoseconds: 5) - VirtualTime(picoseconds: 9) == .zero)
    #expect(VirtualDuration(picoseconds: .max) + .seconds(1) == VirtualDuration(picoseconds: .max))
  }

  @Test("units are thousands of each other")
  func units() {
    #expect(VirtualDuration.seconds(1).picoseconds == 1_000_000_000_000)
    #expect(VirtualDuration.milliseconds(1_000) == .seconds(1))
    #expect(VirtualDuration.microseconds(1_000) == .milliseconds(1))
  }
}
