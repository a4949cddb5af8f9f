import RunEvents
import Testing

@Suite("Event reader")
struct EventReaderTests {
  private func drain(_ reader: inout EventReader, _ events: inout [Event], _ errors: inout [EventStreamError])
  {
    while true {
      do throws(EventStreamError) {
        guard let event = try reader.next() else { return }
        events.append(event)
      } catch { errors.append(error) }
    }
  }

  private func read(_ bytes: [UInt8], piece: Int) -> ([Event], [EventStreamError]) {
    var (reader, events, errors) = (EventReader(), [Event](), [EventStreamError]())
    for start in stride(from: 0, to: bytes.count, by: piece) {
      reader.append(bytes[start..<min(bytes.count, start + piece)])
      drain(&reader, &events, &errors)
    }
    do throws(EventStreamError) {
      if let last = try reader.finish() { events.append(last) }
    } catch { errors.append(error) }
    return (events, errors)
  }

  @Test("a stream in pieces of any size", arguments: [1, 2, 7, 64, 1000, 1_000_000])
  func pieces(size: Int) {
    let (events, errors) = read(Samples.all.flatMap(\.line), piece: size)
    #expect(events == Samples.all)
    #expect(errors == [])
  }

  @Test("a bad line is told with its number, and the lines behind it are read", arguments: [1, 1000])
  func badLine(piece: Int) {
    let good = Samples.run[0].line
    let bytes = good + Array("\n \r\nrubbish\n{\"version\":1,\"kind\":\"later\"}\n[]\n".utf8) + good
    let (events, errors) = read(bytes, piece: piece)
    #expect(events == [Samples.run[0], Samples.run[0]])
    #expect(
      errors.map(\.description) == [
        "line 4: no JSON: 'r' cannot stand here (column 1)", "line 6: a list instead of an object",
      ])
  }

  @Test("a last line that was cut is an error; one that only lacks its newline is an event")
  func lastLine() {
    let line = Samples.run[0].line
    let whole = read(line + line.dropLast(), piece: 50)
    #expect(whole.0.count == 2 && whole.1 == [])
    let cut = read(line + line.dropLast(9), piece: 50)
    #expect(cut.0.count == 1)
    #expect(cut.1 == [EventStreamError(line: 2, error: .truncated(bytes: line.count - 9))])
    #expect(
      cut.1[0].description == "line 2: the stream ends within a line, after \(line.count - 9) bytes of it")
    #expect(read([], piece: 1).1 == [])
  }

  @Test("a line without an end does not fill the memory")
  func longLine() {
    var reader = EventReader(lineBytesMax: 1000)
    let piece = [UInt8](repeating: 0x20, count: 300)
    var errors: [EventStreamError] = []
    var events: [Event] = []
    for _ in 0..<40 {
      reader.append(piece)
      drain(&reader, &events, &errors)
    }
    #expect(errors == [EventStreamError(line: 1, error: .lineTooLong(limit: 1000))])
    reader.append([0x0a] + Samples.run[0].line)
    drain(&reader, &events, &errors)
    #expect(errors.count == 1)
    #expect(events == [Samples.run[0]])
  }
}
