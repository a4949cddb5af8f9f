import RunEvents
import Testing

@Suite("JSON reader")
struct JSONParserTests {
  static func parse(_ text: String) throws(JSONError) -> JSONValue { try JSONParser.parse(Array(text.utf8)) }

  @Test(
    "values",
    arguments: [
      ("null", .null), (" true ", .bool(true)), ("false\n", .bool(false)), ("0", .unsigned(0)),
      ("18446744073709551615", .unsigned(.max)), ("-9223372036854775808", .negative(.min)),
      ("18446744073709551616", .decimal(18_446_744_073_709_551_616)), ("-0", .decimal(-0.0)),
      ("1.5e3", .decimal(1500)), ("2E-1", .decimal(0.2)), ("\"\"", .string("")),
      (#""a\"\\\/\b\f\n\r\t\u00e9\ud83D\uDe00é😀""#, .string("a\"\\/\u{8}\u{c}\n\r\té😀é😀")),
      (#""a\u0000b""#, .string("a\0b")), ("[]", .array([])), ("{}", .object([])),
      ("[1,[2],\t\"x\"]", .array([.unsigned(1), .array([.unsigned(2)]), .string("x")])),
      (
        #"{"b":1,"a":{"c":null},"b":2}"#,
        .object([
          JSONMember(key: "b", value: .unsigned(1)),
          JSONMember(key: "a", value: .object([JSONMember(key: "c", value: .null)])),
          JSONMember(key: "b", value: .unsigned(2)),
        ])
      ),
    ] as [(String, JSONValue)])
  func values(text: String, value: JSONValue) throws {
    #expect(try Self.parse(text) == value)
  }

  @Test("of two equal keys the first one counts")
  func duplicateKeys() throws {
    let value = try Self.parse(#"{"b":1,"b":2}"#)
    #expect(value["b"] == .unsigned(1))
    #expect(value["c"] == nil)
    #expect(JSONValue.null["b"] == nil)
  }

  @Test(
    "errors, each with its place",
    arguments: [
      ("", .unexpectedEnd, 1, 1), ("  \n ", .unexpectedEnd, 2, 2), ("[1,\n2", .unexpectedEnd, 2, 2),
      ("{\"a\"", .unexpectedEnd, 1, 5), ("{\"a\":", .unexpectedEnd, 1, 6), ("\"ab", .unexpectedEnd, 1, 4),
      ("\"\\", .unexpectedEnd, 1, 3), ("\"\\u12", .unexpectedEnd, 1, 6), ("-", .unexpectedEnd, 1, 2),
      ("tru", .unexpectedEnd, 1, 4), ("trux", .unexpectedByte(0x78), 1, 4),
      ("[1 2]", .unexpectedByte(0x32), 1, 4),
      ("[1,]", .unexpectedByte(0x5d), 1, 4), ("{1:2}", .unexpectedByte(0x31), 1, 2),
      ("{\"a\" 1}", .unexpectedByte(0x31), 1, 6), ("{,}", .unexpectedByte(0x2c), 1, 2),
      ("\u{feff}1", .unexpectedByte(0xef), 1, 1), ("'a'", .unexpectedByte(0x27), 1, 1),
      ("1 2", .trailingByte(0x32), 1, 3), ("{}\0", .trailingByte(0), 1, 3), ("01", .badNumber, 1, 1),
      ("-01", .badNumber, 1, 2), ("1.", .badNumber, 1, 3), ("1.x", .badNumber, 1, 3),
      ("1e", .badNumber, 1, 3),
      ("1e+", .badNumber, 1, 4), ("-x", .badNumber, 1, 2), ("1e999", .numberOutOfRange, 1, 1),
      ("\"a\nb\"", .controlCharacter(0x0a), 1, 3), ("\"\\n\u{1}\"", .controlCharacter(1), 1, 4),
      ("\"\\x\"", .badEscape, 1, 2), ("\"\\u12g4\"", .badEscape, 1, 6), ("\"\\ud800\"", .loneSurrogate, 1, 2),
      ("\"\\ud800\\n\"", .loneSurrogate, 1, 2), ("\"\\ud800\\u0041\"", .loneSurrogate, 1, 2),
      ("\"\\udc00\"", .loneSurrogate, 1, 2),
    ] as [(String, JSONError.Problem, Int, Int)])
  func errors(text: String, problem: JSONError.Problem, line: Int, column: Int) {
    let error = #expect(throws: JSONError.self) { try Self.parse(text) }
    #expect(error == JSONError(problem: problem, line: line, column: column))
    #expect(error?.description.isEmpty == false)
  }

  @Test(
    "bytes that are not UTF-8 are an error",
    arguments: [[0x22, 0xff, 0x22], [0x22, 0xc0, 0x80, 0x22], [0x22, 0x5c, 0x6e, 0xed, 0xa0, 0x80, 0x22]]
      as [[UInt8]])
  func notUTF8(bytes: [UInt8]) {
    #expect(throws: JSONError(problem: .notUTF8, line: 1, column: 2)) { try JSONParser.parse(bytes) }
  }

  @Test("the depth is bounded", arguments: ["[", "{\"a\":"])
  func depth(opening: String) {
    func nested(_ depth: Int) -> String {
      String(repeating: opening, count: depth) + "1"
        + String(repeating: opening == "[" ? "]" : "}", count: depth)
    }
    #expect(throws: Never.self) { try Self.parse(nested(64)) }
    let error = #expect(throws: JSONError.self) { try Self.parse(nested(65)) }
    #expect(error?.problem == .tooDeep(limit: 64))
    let bomb = #expect(throws: JSONError.self) { try Self.parse(String(repeating: opening, count: 100_000)) }
    #expect(bomb?.problem == .tooDeep(limit: 64))
  }

  @Test("any change of a good line gives a value or an error, never a trap")
  func total() throws {
    var generator = SplitMix(state: 1)
    let lines = Samples.all.map(\.line)
    var (good, bad) = (0, 0)
    for _ in 0..<20_000 {
      var bytes = lines[Int(generator.next() % UInt64(lines.count))]
      for _ in 0...(generator.next() % 3) {
        let place = Int(generator.next() % UInt64(bytes.count))
        switch generator.next() % 3 {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: generator.next())
        case 1: bytes.remove(at: place)
        default: bytes.insert(Array("\"\\{}[],:0-e.\u{1}".utf8)[Int(generator.next() % 13)], at: place)
        }
      }
      do {
        _ = try Event(line: bytes[...])
        good += 1
      } catch { bad += 1 }
    }
    // Both ends are reached, or the changes would say nothing.
    #expect(good > 1000 && bad > 1000)
  }
}

/// A small fixed generator for tests.
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}

@Suite("JSON writer")
struct JSONWriterTests {
  @Test("commas, keys, numbers and escapes")
  func golden() {
    var json = JSONWriter()
    json.beginObject()
    json.key("a")
    json.beginArray()
    json.integer(0)
    json.integer(Int64.min)
    json.integer(UInt64.max)
    json.hexadecimal(0)
    json.hexadecimal(0x5eed)
    json.hexadecimal(.max)
    json.beginObject()
    json.endObject()
    json.beginArray()
    json.endArray()
    json.endArray()
    json.key("b\"")
    json.string("\u{1}\t\n\r\u{7f}\\é/")
    json.key("c")
    json.bool(true)
    json.key("d")
    json.null()
    json.endObject()
    json.newline()
    json.bool(false)
    let text =
      #"{"a":[0,-9223372036854775808,18446744073709551615,"0x0","0x5eed","0xffffffffffffffff",{},[]],"#
      + #""b\"":"\u0001\t\n\r\u007f\\é/","c":true,"d":null}"# + "\nfalse"
    #expect(String(decoding: json.bytes, as: UTF8.self) == text)
    json.removeAll()
    json.string("x")
    #expect(json.bytes == Array("\"x\"".utf8))
  }
}
