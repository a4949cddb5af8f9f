import Simulation
import Testing

@Suite("Event queue")
struct EventQueueTests {
  @Test("events of one instant keep the order of scheduling")
  func ties() {
    var queue = EventQueue<Int>()
    for index in 0..<100 { queue.schedule(index, at: VirtualTime(picoseconds: 5)) }
    var seen: [Int] = []
    while let next = queue.next() { seen.append(next.event) }
    #expect(seen == Array(0..<100))
  }

  @Test("time never runs backwards, whatever the order of scheduling", arguments: UInt64(0)..<50)
  func order(seed: UInt64) {
    var chance = SeededGenerator(seed: seed)
    var queue = EventQueue<UInt64>()
    var expected: [UInt64] = []
    var last = VirtualTime.zero
    for _ in 0..<300 {
      if chance.below(3) > 0 || queue.isEmpty {
        let time = last + VirtualDuration(picoseconds: chance.below(40))
        queue.schedule(time.picoseconds, at: time)
        expected.append(time.picoseconds)
      } else if let next = queue.next() {
        #expect(next.time >= last)
        #expect(next.event == next.time.picoseconds)
        #expect(next.event == expected.min())
        expected.remove(at: expected.firstIndex(of: next.event) ?? 0)
        last = next.time
      }
    }
  }

  @Test("an empty queue has no next event")
  func empty() {
    var queue = EventQueue<Int>()
    #expect(queue.next() == nil)
    queue.schedule(1, at: .zero)
    queue.removeAll()
    #expect(queue.next() == nil)
    #expect(queue.nextTime == nil)
  }
}
