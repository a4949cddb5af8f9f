public import LinkBroker
public import PCIe

/// A Revere-AMU: an accelerator management unit with accelerators, one physical and some virtual functions.
///
/// The device routes TLPs to its functions; what the functions show and do is the core's. Of the architecture
/// it has sockets of type A1 or B; where the public interface leaves meaning open, the choices stand in the
/// documentation.
/// - Source: Arm Revere-AMU programming interface, architecture major revision 3, and "A layered approach to
///   high performance device virtualization: Revere-AMU System Architecture", 2019.
public final class RevereAMU: BusMasteringEndpoint {
  /// The physical function.
  public let function: Function
  var core: AMUCore
  private var virtual: [AMUVirtualFunction] = []
  /// The virtual functions that software has enabled.
  private var presentCount = 0
  /// By function.
  private var resets: [Int]

  /// - Throws: what is wrong with the configuration.
  public init(_ configuration: RevereAMUConfiguration = RevereAMUConfiguration()) throws(EndpointError) {
    let sizes = try configuration.sizes()
    let model = try Function(configuration.virtualFunction())
    let physical = try Function(
      configuration.physicalFunction(virtualBars: model.space.header.bars))
    var functions = [physical]
    for number in 0..<sizes.virtualFunctions {
      functions.append(
        try Function(
          configuration.virtualFunction(), virtual: VirtualPlace(physical: physical, number: number + 1)))
    }
    function = physical
    resets = functions.map { _ in 0 }
    core = AMUCore(sizes, functions: functions, agents: configuration.agents)
    virtual = functions.indices.dropFirst().map {
      AMUVirtualFunction(functions[$0], number: $0, of: self)
    }
  }

  /// How its driver tells it of rings.
  public var socketType: AMISocketType { core.sizes.socketType }

  /// The functions that software has enabled besides the physical one.
  public var virtualFunctionCount: Int { presentCount }

  /// How often a function has started anew, by a reset of its own, of the unit or of the link.
  public func resetCount(of number: Int) -> Int { resets.indices.contains(number) ? resets[number] : 0 }

  func noteReset(of number: Int) { resets[number] += 1 }

  /// The BAR that holds the MSI-X table, of every function.
  public var msixBarIndex: Int { function.msix?.bars.first ?? 0 }

  /// A virtual function by its number, which counts from 1; nil where the unit has none.
  public func virtualFunction(_ number: Int) -> Function? {
    virtual.indices.contains(number - 1) ? virtual[number - 1].function : nil
  }
}

// The physical function.
extension RevereAMU {
  /// Reads registers.
  public func readBar(
    _ range: BarRange, into payload: PayloadReference, at place: Int, in fabric: inout Fabric
  ) -> BarResponse {
    read(range, of: 0, into: payload, at: place, in: &fabric)
  }

  /// Writes registers.
  public func writeBar(
    _ range: BarRange, from payload: PayloadReference, at place: Int, in fabric: inout Fabric
  ) -> BarResponse {
    write(range, of: 0, from: payload, at: place, in: &fabric)
  }

  func read(
    _ range: BarRange, of function: Int, into payload: PayloadReference, at place: Int,
    in fabric: inout Fabric
  ) -> BarResponse {
    core.read(range, of: function, into: payload, at: place, in: &fabric)
    return .done
  }

  func write(
    _ range: BarRange, of function: Int, from payload: PayloadReference, at place: Int,
    in fabric: inout Fabric
  ) -> BarResponse {
    core.write(range, of: function, from: payload, at: place, in: &fabric)
    return .done
  }

  /// Goes on with what the read was for.
  public func transferEnded(_ operation: RequestOperation, in fabric: inout Fabric) {
    core.transferEnded(operation, of: 0, in: &fabric)
  }

  /// Resets the whole unit; the virtual functions are gone with it.
  public func functionReset(_ kind: ResetKind, in fabric: inout Fabric) {
    for number in resets.indices { noteReset(of: number) }
    for each in virtual { each.function.requester.reset(in: &fabric) }
    core.resetUnit()
    followVirtualFunctions(in: &fabric)
  }

  /// Follows what software has set of virtual functions.
  public func configurationWritten(_ write: ConfigurationWrite, in fabric: inout Fabric) {
    followVirtualFunctions(in: &fabric)
  }

  private func followVirtualFunctions(in fabric: inout Fabric) {
    let count = min(function.space.virtualFunctions?.count ?? 0, virtual.count)
    let before = presentCount
    presentCount = count
    for each in virtual { each.function.refresh() }
    guard count != before else { return }
    for place in min(count, before)..<max(count, before) {
      virtual[place].function.restartVirtual(for: virtual[place], in: &fabric)
    }
  }
}

// All functions behind one port.
extension RevereAMU {
  /// Remembers the port for all functions.
  public func attach(_ port: FabricPort, number: Int, in fabric: inout Fabric) {
    function.attach(port, in: &fabric)
    for each in virtual { each.function.attach(port, in: &fabric) }
  }

  /// Gives a TLP to the function that it is for; what is nobody's is the physical function's to refuse.
  public func receive(_ tlp: FabricTLP, at port: Int, in fabric: inout Fabric) -> TLPDisposition {
    if let owner = virtualOwner(of: tlp) {
      owner.function.receive(tlp, for: owner, in: &fabric)
    } else {
      function.receive(tlp, for: self, in: &fabric)
    }
    return .consumed
  }

  /// Has the function that a request is for answer it as a fault tells.
  public func respond(
    to tlp: FabricTLP, with response: LinkFault.Response, at port: Int, in fabric: inout Fabric
  ) -> TLPDisposition {
    if let owner = virtualOwner(of: tlp) {
      owner.function.respond(to: tlp, with: response, for: owner, in: &fabric)
    } else {
      function.respond(to: tlp, with: response, for: self, in: &fabric)
    }
    return .consumed
  }

  private func virtualOwner(of tlp: FabricTLP) -> AMUVirtualFunction? {
    guard presentCount > 0, !function.claims(tlp) else { return nil }
    return virtual[..<presentCount].first { $0.function.claims(tlp) }
  }

  /// Tells whose requests the timer watches over.
  public func timerFired(_ token: UInt64, in fabric: inout Fabric) {
    if token == SessionArbiter.timerToken { return core.goOn(in: &fabric) }
    if token == Function.requesterTimer { return function.expireRequests(for: self, in: &fabric) }
    for each in virtual where each.function.requester.timer.token == token {
      each.function.expireRequests(for: each, in: &fabric)
    }
  }

  /// Resets all functions when the link goes down.
  public func linkChanged(_ change: LinkChange, at port: Int, in fabric: inout Fabric) {
    switch change {
    case .up: function.showLink(in: &fabric)
    case .surpriseDown, .disabled, .hotReset:
      // The virtual ones are gone when SR-IOV is reset with the physical one.
      function.resetConventionally(for: self, in: &fabric)
    }
  }
}
