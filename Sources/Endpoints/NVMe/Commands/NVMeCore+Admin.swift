import LinkBroker

extension NVMeCore {
  /// - Source: NVM Express Base 1.4, 5.15 "Identify command".
  mutating func identify(_ slot: Int, _ command: NVMeCommand, in fabric: inout Fabric) {
    let number = command.namespace
    switch command.dword10 & 0xff {
    case 0x00, 0x03:
      guard let namespace = namespace(number) else {
        return complete(slot, .invalidNamespace, in: &fabric)
      }
      let isList = command.dword10 & 0xff == 3
      answer(
        slot, isList ? identity.descriptors(number) : identity.namespace(number, namespace), in: &fabric)
    case 0x01: answer(slot, identity.controller(namespaces: namespaces.count), in: &fabric)
    case 0x02:
      // Those after the number given, of which the last two are no numbers.
      guard number < 0xffff_fffe else { return complete(slot, .invalidNamespace, in: &fabric) }
      var page: [UInt8] = []
      for next in UInt64(number) + 1..<UInt64(max(namespaces.count, Int(number)) + 1) {
        page.append(contentsOf: [UInt8(truncatingIfNeeded: next), UInt8(truncatingIfNeeded: next >> 8), 0, 0])
      }
      answer(slot, page, in: &fabric)
    default: complete(slot, .invalidField, in: &fabric)
    }
  }

  /// A namespace by its ID; all that there are are active.
  func namespace(_ number: UInt32) -> NVMeNamespace? {
    1...namespaces.count ~= Int(number) ? namespaces[Int(number) - 1] : nil
  }

  /// - Source: NVM Express Base 1.4, 5.14 "Get Log Page command".
  mutating func getLogPage(_ slot: Int, _ command: NVMeCommand, in fabric: inout Fabric) {
    let doubleWords = UInt64(command.dword11 & 0xffff) << 16 | UInt64(command.dword10 >> 16)
    let offset = UInt64(command.dword13) << 32 | UInt64(command.dword12)
    let page: [UInt8]
    switch command.dword10 & 0xff {
    case 0x01:
      page = health.errorPage
    case 0x02:
      // Of namespaces there are no logs: LPA bit 0.
      guard command.namespace == 0 || command.namespace == .max else {
        return complete(slot, .invalidNamespace, in: &fabric)
      }
      page = health.page(isWarm: features.isReached(by: NVMeHealth.kelvin))
    case 0x03:
      // Slot 1 is active, with the one revision there is.
      page =
        [1, 0, 0, 0, 0, 0, 0, 0] + Array(NVMeIdentity.firmware.utf8) + [UInt8](repeating: 0x20, count: 7)
    default: return complete(slot, .invalidLogPage, in: &fabric)
    }
    let count = (doubleWords + 1) * 4
    guard count <= NVMeTransfers.bytesMax, offset & 3 == 0, offset <= page.count else {
      return complete(slot, .invalidField, in: &fabric)
    }
    // Without RAE the event is taken note of.
    if command.dword10 & 0xff == 1, command.dword10 >> 15 & 1 == 0 {
      events.isMasked = false
      deliverEvents(in: &fabric)
    }
    answer(slot, page, from: Int(offset), count: Int(count), in: &fabric)
  }

  /// Of the commands that go on only requests for events are aborted; the others end by themselves.
  ///
  /// - Source: NVM Express Base 1.4, 5.1 "Abort command".
  mutating func abort(_ slot: Int, _ command: NVMeCommand, in fabric: inout Fabric) {
    let identifier = UInt16(truncatingIfNeeded: command.dword10 >> 16)
    let place = events.waiting.firstIndex(of: identifier)
    guard command.dword10 & 0xffff == 0, let place, completions[0]?.room ?? 0 > 0 else {
      return complete(slot, .successful, result: 1, in: &fabric)
    }
    events.waiting.remove(at: place)
    post(0, .abortRequested, identifier, 0, in: &fabric)
    complete(slot, .successful, in: &fabric)
  }
}

// Features.
extension NVMeCore {
  /// - Source: NVM Express Base 1.4, 5.21 "Set Features command".
  mutating func setFeatures(_ slot: Int, _ command: NVMeCommand, in fabric: inout Fabric) {
    guard command.dword10 >> 31 == 0 else { return complete(slot, .featureNotSaveable, in: &fabric) }
    guard let feature = NVMeFeatures.Identifier(rawValue: UInt8(command.dword10 & 0xff)) else {
      return complete(slot, .invalidField, in: &fabric)
    }
    // Once there are queues, their number stays: 5.21.1.7.
    if feature == .numberOfQueues, completions.dropFirst().contains(where: { $0 != nil }) {
      return complete(slot, .commandSequenceError, in: &fabric)
    }
    let cached = features.cachesWrites
    guard let result = features.set(feature, command.dword11) else {
      return complete(slot, .invalidField, in: &fabric)
    }
    // What the cache holds is safe before it is off: 5.21.1.6.
    if cached, !features.cachesWrites {
      guard namespaces.allSatisfy({ $0.storage.flush() }) else {
        return complete(slot, .writeFault, in: &fabric)
      }
    }
    complete(slot, .successful, result: result, in: &fabric)
  }

  /// - Source: NVM Express Base 1.4, 5.9 "Get Features command"; current values only: ONCS bit 4.
  mutating func getFeatures(_ slot: Int, _ command: NVMeCommand, in fabric: inout Fabric) {
    guard command.dword10 >> 8 & 7 == 0,
      let feature = NVMeFeatures.Identifier(rawValue: UInt8(command.dword10 & 0xff)),
      let result = features.value(feature, command.dword11)
    else { return complete(slot, .invalidField, in: &fabric) }
    complete(slot, .successful, result: result, in: &fabric)
  }
}

// Events.
extension NVMeCore {
  /// Keeps a request until there is an event.
  mutating func takeEventRequest(_ slot: Int, _ command: NVMeCommand, in fabric: inout Fabric) {
    guard events.waiting.count <= NVMeEvents.requestsMaxCode else {
      return complete(slot, .eventRequestLimit, in: &fabric)
    }
    events.waiting.append(command.identifier)
    // It needs neither a slot nor room in the queue until then.
    slots.release(slot)
    completions[0]?.reserved -= 1
    deliverEvents(in: &fabric)
  }

  /// Notes an event and tells it when somebody waits.
  mutating func report(_ event: NVMeEvents.Event, in fabric: inout Fabric) {
    health.logDoorbell()
    events.note(event)
    deliverEvents(in: &fabric)
  }

  /// Completes a request with the oldest event, when the admin queue has room.
  mutating func deliverEvents(in fabric: inout Fabric) {
    guard !events.isMasked, let event = events.pending.first, let identifier = events.waiting.first,
      completions[0]?.room ?? 0 > 0
    else { return }
    events.pending.removeFirst()
    events.waiting.removeFirst()
    events.isMasked = true
    post(event.result, .successful, identifier, 0, in: &fabric)
  }
}
