import Foundation
import Testing

@testable import RevereInterface

/// The tables against the published facts, bit for bit.
@Suite struct InterfaceTableTests {
  private struct Facts: Decodable {
    struct Field: Decodable {
      var name: String
      var byteOffset: Int?
      var lsb: Int?
      var width: Int?
      var msb: Int?
      var values: [String: Int]?
    }
    struct Command: Decodable {
      var command: String
      var opcode: UInt16
      var request: [Field]
      var response: [Field]
    }
    struct Exception: Decodable {
      var exception: String
      var opcode: UInt16
      var fields: [Field]
    }
    struct Register: Decodable {
      var register: String
      var offset: Int
      var fields: [Field]
    }
    var commands: [Command]
    var exceptions: [Exception]
    var registers: [Register]
  }

  private func facts() throws -> Facts {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Table/revere-amu.json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Facts.self, from: Data(contentsOf: path))
  }

  private func expectSame(_ fields: [InterfaceField], _ facts: [Facts.Field], _ place: String) {
    let due = facts.map { InterfaceField($0.name, $0.byteOffset ?? -1, $0.lsb ?? 0, $0.width ?? 0) }
    #expect(fields == due, "\(place)")
  }

  @Test func commandsAreThoseOfTheInterface() throws {
    let facts = try facts()
    #expect(RevereInterface.commands.count == 37)
    #expect(Set(RevereInterface.commands.map(\.name)) == Set(facts.commands.map(\.command)))
    for fact in facts.commands {
      let command = try #require(RevereInterface.command(fact.command))
      #expect(command.opcode == fact.opcode)
      expectSame([.opcode] + command.request, fact.request, fact.command)
      let status = try #require(fact.response.first { $0.name == "STATUS" })
      expectSame([.opcode, .status] + command.response, fact.response, fact.command)
      let names = Dictionary(uniqueKeysWithValues: command.statuses.enumerated().map { ($1, $0) })
      #expect(names == status.values, "\(fact.command)")
    }
  }

  @Test func exceptionsAreThoseOfTheInterface() throws {
    let facts = try facts()
    #expect(RevereInterface.exceptions.map(\.name) == facts.exceptions.map(\.exception))
    for fact in facts.exceptions {
      let exception = try #require(RevereInterface.exception(fact.exception))
      #expect(exception.opcode == fact.opcode)
      expectSame([.opcode] + exception.fields, fact.fields, fact.exception)
    }
  }

  @Test func registersAreThoseOfTheInterface() throws {
    let facts = try facts()
    let due = facts.registers.map { fact in
      InterfaceRegister(
        fact.register, fact.offset,
        fields: fact.fields.map { .init($0.name, $0.msb ?? -1, $0.lsb ?? -1) })
    }
    #expect(RevereInterface.registers == due)
  }

  @Test func fieldsDoNotOverlapAndKeepTheirValues() throws {
    for command in RevereInterface.commands {
      for fields in [[.opcode] + command.request, [.opcode, .status] + command.response] {
        var message = [UInt8](repeating: 0, count: RevereInterface.messageBytes)
        for field in fields where field.width > 0 {
          #expect(field.value(in: message) == 0, "\(command.name).\(field.name) overlaps")
          field.set(.max, in: &message)
          #expect(field.value(in: message) == field.valueMax)
        }
      }
    }
  }
}
