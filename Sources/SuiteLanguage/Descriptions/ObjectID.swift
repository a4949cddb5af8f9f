/// Every object of the language; raw values name the definitions of the JSON schema.
enum ObjectID: String, CaseIterable, Sendable {
  // Suites.
  case suite, image, requirement, topology, node, bar, identity, amuSettings, nvmeSettings, namespace, link
  case caseDescription = "case"
  case knownFailure, step, fault
  // Verbs.
  case configurationRead = "cfg_read"
  case configurationWrite = "cfg_write"
  case memoryRead = "mem_read"
  case memoryWrite = "mem_write"
  case dmaRead = "dma_read"
  case dmaWrite = "dma_write"
  case msix, wait, send, expect
  case linkStep = "link_step"
  case reset, translate, start, stop, amu
  case amsSend = "ams_send"
  case amsReceive = "ams_receive"
  case `repeat`, parallel, note
  // Parts of verbs.
  case data, readExpectation, writeExpectation, acceptExpectation, receiveExpectation, buffers
  // Faults.
  case drop, delay, duplicate, corrupt, poison, complete, starve
  case linkDown = "link_down"
  case kill, hang
  case `do`
  case after
  // Boards.
  case board, launch, argumentJoin, monitor, ready, boardStop, needs

  /// The word for the object in messages.
  var title: String {
    switch self {
    case .identity: "id"
    case .amuSettings: "the amu settings of a node"
    case .nvmeSettings: "the nvme settings of a node"
    case .knownFailure: "known_failure"
    case .linkStep: "link"
    case .readExpectation, .writeExpectation, .acceptExpectation, .receiveExpectation: "expect"
    case .argumentJoin: "an argument"
    case .boardStop: "stop"
    default: rawValue
    }
  }
}

/// The one place where objects are looked up.
enum Catalogue {
  /// The description of an object.
  ///
  /// - Complexity: O(1).
  static func object(_ id: ObjectID) -> ObjectDescription {
    guard let description = byID[id] else { preconditionFailure("no description of \(id.rawValue)") }
    return description
  }

  private static let byID: [ObjectID: ObjectDescription] = Dictionary(
    uniqueKeysWithValues: all.map { ($0.id, $0) })

  /// All descriptions, in the order of documentation and schema.
  static let all: [ObjectDescription] = suiteObjects + verbs + verbParts + faults + boardObjects
}
