import Testing

@testable import Endpoints

/// The queues of hardware contexts: any mixture of putting and taking keeps the order.
@Suite struct MessageQueueTests {
  @Test(arguments: [1, 2, 7, 64]) func messagesComeOutAsTheyWentIn(capacity: Int) {
    var queue = MessageQueue()
    queue.prepare(messageBytes: 64, capacity: capacity)
    var (put, taken) = (0, 0)
    var message: [UInt8] = []
    for round in 0..<200 {
      let count = min(queue.room, 1 + round % 5)
      let bytes = (0..<count).flatMap { [UInt8](repeating: UInt8((put + $0) & 255), count: 64) }
      queue.append(bytes, messages: count)
      put += count
      for _ in 0..<min(queue.count, round % 4) {
        queue.takeFirst(into: &message)
        #expect(message == [UInt8](repeating: UInt8(taken & 255), count: 64))
        taken += 1
      }
      #expect(queue.count == put - taken)
      #expect(queue.room == capacity - queue.count)
      let run = queue.run
      #expect(run.count <= queue.count && (run.count > 0) == (queue.count > 0))
      if run.count > 0 { #expect(queue.storage[run.start] == UInt8(taken & 255)) }
    }
  }

  @Test func storageIsThatOfTheMessagesThatWait() {
    var queue = MessageQueue()
    queue.prepare(messageBytes: 64, capacity: 1024)
    let message = [UInt8](repeating: 1, count: 64)
    for _ in 0..<10_000 {
      queue.append(message, messages: 1)
      queue.removeFirst(1)
    }
    #expect(queue.storage.count == 64)
    #expect(queue.run.start == 0)
  }
}
