/// What may happen to frames on the lanes besides armed faults: noise, or what a test has in mind.
public protocol FrameDisturbance: AnyObject {
  /// Touches a frame that is about to be sent.
  func touch(_ frame: inout LinkFrame, link: Int, isDownstream: Bool)
}

extension Fabric {
  /// Lets all frames of links with a data link layer be touched; nil ends that.
  ///
  /// All links must be connected.
  public mutating func disturbFrames(by disturbance: (any FrameDisturbance)?) {
    faults.disturbance = disturbance
    showFrameHooks()
  }
}
