public import PCIe

/// What a `wait` step waits for.
public enum WaitCondition: Hashable, Sendable {
  /// A line of the node's console in which the pattern is found.
  case console(node: String, pattern: String)
  /// An interrupt at a node, from one function or, when nil, from any.
  case interrupt(InterruptSignal, at: String, from: FunctionTarget?)
  case link(String, LinkState)
  /// The end of the tests that a node's program tells of on its console, all of which must pass.
  case tests(node: String, TestForm)
  /// The end of a node's process, in any way where nothing is expected of it.
  case exit(node: String, ExitExpectation?)
}

/// The form in which a program tells of its tests.
public enum TestForm: String, CaseIterable, Hashable, Sendable {
  case ztest
  /// The Test Anything Protocol, and KTAP.
  case tap
  case googleTest = "google-test"
}

/// How a process is expected to end.
public enum ExitExpectation: Hashable, Sendable {
  /// By itself, with a status.
  case status(Int)
  /// By a signal.
  case signal(StopSignal)
}

/// An interrupt as a root complex sees it.
public enum InterruptSignal: Hashable, Sendable {
  case msix(vector: Int)
  case msi(vector: Int)
  case intx(InterruptPin)
}

/// The four wires of legacy interrupts.
public enum InterruptPin: String, CaseIterable, Hashable, Sendable {
  case a = "A"
  case b = "B"
  case c = "C"
  case d = "D"
}

/// The two states of a link that a suite can ask for.
public enum LinkState: String, CaseIterable, Hashable, Sendable {
  case up
  case down
}

/// What an `expect` step checks at once.
public enum Check: Hashable, Sendable {
  /// Whether the pattern is found in the node's console so far.
  case console(node: String, pattern: String, isPresent: Bool)
  case counter(CounterReference, CounterBound)
  /// What the function's error registers show; a root complex stands for all its root ports.
  case advancedErrorReporting(FunctionTarget, ErrorRegisterExpectation)
}

/// What a `reset` step resets.
public enum ResetKind: Hashable, Sendable {
  /// Secondary bus reset by the port above the link.
  case hot(link: String)
  case functionLevel(node: String)
}

extension Step {
  /// A line for a node's console.
  public struct ConsoleLine: Hashable, Sendable {
    public var node: String
    public var line: String
  }

  /// Takes a link down, brings it up, or trains it anew.
  public struct LinkChange: Hashable, Sendable {
    public var link: String
    public var state: LinkState
    public var speed: LinkSpeed?
    public var width: Int?

    public init(link: String, state: LinkState, speed: LinkSpeed? = nil, width: Int? = nil) {
      self.link = link
      self.state = state
      self.speed = speed
      self.width = width
    }
  }
}
