/// What a part of an event needs to travel as JSON.
protocol EventRecord {
  /// Writes the fields into an object that is open.
  func write(to json: inout JSONWriter)
  /// Reads the fields back; fields that are not known are ignored.
  init(_ fields: RecordFields) throws(EventError)
}

extension JSONWriter {
  mutating func field(_ key: String, _ text: String) {
    self.key(key)
    string(text)
  }

  mutating func field(_ key: String, _ text: String?) {
    if let text { field(key, text) }
  }

  mutating func field(_ key: String, _ number: (some BinaryInteger)?) {
    guard let number else { return }
    self.key(key)
    integer(number)
  }

  /// Writes a number; zero is left out.
  mutating func field(_ key: String, unlessZero number: UInt64) {
    if number > 0 { field(key, number) }
  }

  mutating func field(_ key: String, _ flag: Bool) {
    self.key(key)
    bool(flag)
  }

  mutating func field(_ key: String, hexadecimal value: UInt64?) {
    guard let value else { return }
    self.key(key)
    hexadecimal(value)
  }

  mutating func field(_ key: String, _ record: (some EventRecord)?) {
    guard let record else { return }
    self.key(key)
    beginObject()
    record.write(to: &self)
    endObject()
  }

  /// Writes a list; an empty one is left out.
  mutating func field(_ key: String, _ records: [some EventRecord]) {
    if records.isEmpty { return }
    self.key(key)
    beginArray()
    for record in records {
      beginObject()
      record.write(to: &self)
      endObject()
    }
    endArray()
  }

  /// Writes a list; an empty one is left out.
  mutating func field(_ key: String, _ texts: [String]) {
    if texts.isEmpty { return }
    self.key(key)
    beginArray()
    for text in texts { string(text) }
    endArray()
  }
}
