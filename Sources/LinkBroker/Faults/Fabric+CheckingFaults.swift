import PCIe

// What cannot be armed is a mistake of the caller.
extension Fabric {
  func check(_ fault: LinkFault) {
    check(fault.directions)
    check(fault.selection)
    if case .count(let count, let match, let directions) = fault.start {
      precondition(count > 0, "a start is the first match or a later one")
      precondition(!match.isOfDataLinkLayer, "a start counts TLPs")
      check(directions)
    }
    precondition(fault.times != 0, "a fault strikes once at least")
    if fault.watchesTraffic {
      precondition(!fault.directions.isEmpty, "\(fault.action) needs a link")
      if fault.layer == .dataLink { return checkFrames(fault) }
      precondition(!(fault.match?.isOfDataLinkLayer ?? false), "the transaction layer sees no DLLPs")
    } else {
      precondition(fault.layer == .transaction, "\(fault.action) is no action on frames")
      precondition(fault.match == nil && fault.selection == nil, "\(fault.action) strikes no TLP")
    }
    check(fault.action, fault.directions)
  }

  private func checkFrames(_ fault: LinkFault) {
    for link in fault.links {
      precondition(links[link].configuration.layer == .dataLink, "link \(link) has no data link layer")
    }
    let isOnDLLPs = fault.match?.isOfDataLinkLayer ?? false
    switch fault.action {
    case .drop, .delay, .duplicate: break
    case .nak: precondition(!isOnDLLPs, "only TLPs are answered with Nak")
    case .corrupt(let field, _):
      let isPossible = isOnDLLPs ? field.isOfDLLPs : field.isOfFrames
      precondition(isPossible, "\(field) does not change on the lanes")
    default: preconditionFailure("\(fault.action) is for the transaction layer")
    }
  }

  private func check(_ action: LinkFault.Action, _ directions: [LinkFault.Direction]) {
    switch action {
    case .nak: preconditionFailure("\(action) is for the data link layer")
    case .corrupt(let field, let value):
      precondition(field.isOfTLPs, "\(action) is for the data link layer")
      precondition(field.takesValue || value == nil, "\(action) takes no value")
    case .starve, .linkDown: precondition(!directions.isEmpty, "\(action) needs a link")
    case .kill(let node), .hang(let node), .completeUnasked(let node, _, _, _):
      precondition(nodes.indices.contains(node), "there is no node \(node)")
    case .respond(.split(let sizes, _)):
      precondition(sizes.lowerBound > 0 && sizes.upperBound <= 4096, "pieces of 1 to 4096 bytes")
    default: break
    }
  }

  private func check(_ directions: [LinkFault.Direction]) {
    for direction in directions {
      precondition(links.indices.contains(direction.link), "there is no link \(direction.link)")
    }
  }

  private func check(_ selection: LinkFault.Selection?) {
    switch selection {
    case .nth(let number), .every(let number): precondition(number > 0, "matches are counted from one")
    case .probability(let millionths): precondition(millionths <= 1_000_000, "a chance is at most one")
    case nil: break
    }
  }
}

extension LinkFault.Match {
  fileprivate var isOfDataLinkLayer: Bool {
    if case .dllps = subject { return true }
    return false
  }
}

extension LinkFault.Field {
  /// Whether a transaction layer can change it.
  fileprivate var isOfTLPs: Bool {
    switch self {
    case .linkCRC, .nullified, .badEnd, .credits, .sequence: false
    default: true
    }
  }

  /// Whether it can change in a TLP on the lanes.
  fileprivate var isOfFrames: Bool {
    switch self {
    case .maxPayload, .boundary, .credits: false
    default: true
    }
  }

  /// Whether it can change in a DLLP.
  fileprivate var isOfDLLPs: Bool {
    switch self {
    case .linkCRC, .sequence, .type, .credits: true
    default: false
    }
  }

  /// Whether it can be given a value.
  fileprivate var takesValue: Bool {
    switch self {
    case .nullified, .badEnd, .maxPayload, .boundary, .ecrc: false
    default: true
    }
  }
}
