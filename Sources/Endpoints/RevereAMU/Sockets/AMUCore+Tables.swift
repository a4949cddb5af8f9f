import LinkBroker
import RevereInterface

// Type B: tables in host memory describe the rings.
//
// The table of a function's management is read with its first command after a restart, that of a context when
// the context is enabled, which works once it is there. What cannot be read, or makes no sense, is an error
// state of the function.
extension AMUCore {
  var hasTables: Bool { sizes.socketType == .tables }

  /// Whether the management rings of a function are known.
  func isDescribed(_ function: Int) -> Bool { !hasTables || management[function].table.isRead }

  /// Begins to read the table of a function's management.
  mutating func describeManagement(of function: Int, in fabric: inout Fabric) {
    management[function].stage = .describing
    read(
      management[function].table.base, count: RingDescription.managementBytes, by: function,
      for: .managementTable(epoch: management[function].epoch), in: &fabric)
  }

  mutating func managementDescribed(
    _ status: RequestStatus, _ operation: RequestOperation?, of function: Int, in fabric: inout Fabric
  ) {
    guard case .describing = management[function].stage else { return }
    management[function].stage = .idle
    let table = table(status, operation, of: function, bytes: RingDescription.managementBytes)
    guard let table else { return setError(.managementTableFault, of: function, in: &fabric) }
    for socket in 0..<4 { management[function].rings[socket].become(table[socket]) }
    management[function].table.isRead = true
    serveCommands(of: function, in: &fabric)
  }

  /// Begins to read the table of a context, which is enabled when it has come.
  mutating func describeSoftware(_ context: Int, in fabric: inout Fabric) {
    software[context].isEnabled = false
    software[context].isDescribing = true
    software[context].tableEpoch &+= 1
    let settings = software[context].settings
    read(
      settings.tableBase << 12, count: RingDescription.tableBytes, by: Int(software[context].mapping.owner),
      prefix: prefix(settings.addressSpace, isUsed: settings.usesAddressSpace),
      for: .contextTable(context: context, epoch: software[context].tableEpoch), in: &fabric)
  }

  mutating func softwareDescribed(
    _ status: RequestStatus, _ operation: RequestOperation?, of function: Int, _ context: Int,
    _ epoch: UInt32, in fabric: inout Fabric
  ) {
    guard software[context].isDescribing, software[context].tableEpoch == epoch else { return }
    software[context].isDescribing = false
    let table = table(status, operation, of: function, bytes: RingDescription.tableBytes)
    guard let table else { return setError(.contextTableFault, of: function, in: &fabric) }
    for socket in 0..<sizes.sockets {
      sockets[place(context, socket)].transmit.become(table[socket])
      sockets[place(context, socket)].receive.become(table[64 + socket])
    }
    software[context].isEnabled = true
    startSoftware(context, in: &fabric)
  }

  /// The entries of a table; nil when it could not be read or one of them makes no sense.
  private func table(
    _ status: RequestStatus, _ operation: RequestOperation?, of function: Int, bytes count: Int
  ) -> [RingDescription]? {
    guard status == .successful, let operation else { return nil }
    var bytes = [UInt8](repeating: 0, count: count)
    functions[function].copyData(of: operation, count: count, to: &bytes, at: 0)
    let entries = (0..<count / RingDescription.byteCount).map { RingDescription(bytes, entry: $0) }
    return entries.allSatisfy(\.isSound) ? entries : nil
  }
}
