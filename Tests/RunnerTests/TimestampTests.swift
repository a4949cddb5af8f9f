import Testing

@testable import Runner

@Suite struct TimestampTests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"), (951_782_399, "2000-02-28T23:59:59Z"), (951_782_400, "2000-02-29T00:00:00Z"),
    (1_769_860_800, "2026-01-31T12:00:00Z"), (4_107_542_399, "2100-02-28T23:59:59Z"),
    (4_107_542_400, "2100-03-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
  ])
  func writesISO8601(_ seconds: Int64, _ text: String) {
    #expect(Timestamp(secondsSince1970: seconds).description == text)
  }
}
