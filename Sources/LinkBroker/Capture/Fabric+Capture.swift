import PCIe

// The tap of the fabric.
extension Fabric {
  /// Records all that crosses every link from now on; the time is zero now.
  ///
  /// A capture that has been written may lend its buffer.
  public mutating func startCapture(_ settings: CaptureSettings, reusing former: consuming LinkCapture? = nil)
  {
    precondition(settings.interfaces.count == links.count, "every link has a name in the capture")
    capture = LinkCapture(reusing: former)
    capture.start(settings, at: now)
    recallAll()
    quiet.epoch &+= 1
    for direction in directions.indices { directions[direction].hooks.insert(.capture) }
  }

  /// Puts a line into the capture, as a comment of what is recorded next.
  public mutating func noteInCapture(_ text: String) {
    guard capture.isOn else { return }
    capture.notes.append(text)
    capture.nextMarks.insert(.note)
  }

  /// Ends the capture and gives it away; nil when there is none.
  public mutating func endCapture() -> LinkCapture? {
    guard capture.isOn else { return nil }
    for direction in directions.indices { directions[direction].hooks.remove(.capture) }
    capture.finish(at: now)
    let result = capture
    capture = LinkCapture()
    return result
  }

  @inline(never)
  mutating func captureTLP(_ tlp: FabricTLP, _ direction: Int) {
    var marks: CaptureMarks = tlp.hasBadDigest ? .wrongDigest : []
    if tlp.marks.fates.contains(.drop) { marks.insert(.lost) }
    capture.add(
      tlp, CapturePlace(link: direction >> 1, isDownstream: direction & 1 == 0, time: now), marks: marks,
      payloads: payloads)
    if tlp.marks.isTouched { capture.commentLast(fault: Int(tlp.marks.fault), kind: tlp.kind) }
  }

  /// Takes a frame as the data link layer sends it, replays too.
  @inline(never)
  mutating func captureFrame(_ frame: LinkFrame, _ direction: Int) {
    var marks: CaptureMarks = []
    switch frame.check {
    case .good: break
    case .bad, .endBad: marks.insert(.wrongLinkCRC)
    case .nullified: marks.insert(.nullified)
    }
    if frame.isLost { marks.insert(.lost) }
    if frame.isReplay { marks.insert(.replayed) }
    let place = CapturePlace(link: direction >> 1, isDownstream: direction & 1 == 0, time: now)
    if let word = frame.dllp {
      capture.add(dllp: word, place, marks: marks)
      if frame.fault >= 0 { capture.commentLast(fault: Int(frame.fault)) }
      return
    }
    if frame.tlp.hasBadDigest { marks.insert(.wrongDigest) }
    capture.add(frame.tlp, sequence: frame.sequence, place, marks: marks, payloads: payloads)
    if frame.fault >= 0 { capture.commentLast(fault: Int(frame.fault), kind: frame.tlp.kind) }
    if frame.tlp.marks.isTouched {
      capture.commentLast(fault: Int(frame.tlp.marks.fault), kind: frame.tlp.kind)
    }
  }
}

extension LinkFault.Action {
  /// Whether what is recorded shows the action itself, so that the comment stands there.
  var touchesTLPs: Bool {
    switch self {
    case .starve, .linkDown, .kill, .hang, .signal: false
    default: true
    }
  }
}
