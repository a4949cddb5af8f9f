import RunEvents

extension JSONWriter {
  /// A text; nil leaves the field out.
  mutating func text(_ key: String, _ text: String?) {
    guard let text else { return }
    self.key(key)
    string(text)
  }

  mutating func texts(_ key: String, _ texts: [String]) {
    self.key(key)
    beginArray()
    for text in texts { string(text) }
    endArray()
  }

  mutating func number(_ key: String, _ number: Int) {
    self.key(key)
    integer(number)
  }

  mutating func flag(_ key: String, _ flag: Bool) {
    self.key(key)
    bool(flag)
  }
}
