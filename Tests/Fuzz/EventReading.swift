import RunEvents

/// Any line gives an event, nothing or a typed error; what was read is written and read again the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzEventReading(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let line = Array(UnsafeBufferPointer(start: start, count: count))
  guard let event = try? Event(line: line[...]) else { return 0 }
  let written = event.line
  guard let again = try? Event(line: written[...]), again.line == written else {
    fatalError("an event changes when it is written and read again")
  }
  return 0
}
