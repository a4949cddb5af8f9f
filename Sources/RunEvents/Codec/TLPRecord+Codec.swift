extension TLPRecord: EventRecord {
  func write(to json: inout JSONWriter) {
    json.field("link", link)
    json.field("source", source)
    json.field("target", target)
    json.field("mnemonic", mnemonic)
    json.field("tag", tag)
    json.field("address", address)
    json.field("status", status)
    json.field("bytes", bytes)
    json.field("detail", detail)
    json.field("fault", fault)
  }

  init(_ fields: RecordFields) throws(EventError) {
    self.init(
      link: try fields.text("link"), from: try fields.text("source"), to: try fields.text("target"),
      mnemonic: try fields.text("mnemonic"), tag: try fields.optionalText("tag"),
      address: try fields.optionalText("address"), status: try fields.optionalText("status"),
      bytes: try fields.optionalCount("bytes"), detail: try fields.optionalText("detail"),
      fault: try fields.optionalText("fault"))
  }
}

extension Finding: EventRecord {
  func write(to json: inout JSONWriter) {
    json.field("violation", violation)
    json.field("place", place)
    json.field("text", text)
    json.field("allowed", allowed)
  }

  init(_ fields: RecordFields) throws(EventError) {
    self.init(
      violation: try fields.text("violation"), place: try fields.text("place"), text: try fields.text("text"),
      allowed: try fields.flag("allowed"))
  }
}

extension ConsoleLine: EventRecord {
  func write(to json: inout JSONWriter) {
    json.field("node", node)
    json.field("text", text)
    json.field("omitted", unlessZero: omittedBytes)
  }

  init(_ fields: RecordFields) throws(EventError) {
    self.init(
      node: try fields.text("node"), text: try fields.text("text"),
      omittedBytes: try fields.optionalUnsigned("omitted") ?? 0)
  }
}
