/// A step begins.
public struct StepStarted: Hashable, Sendable {
  /// Which step it is.
  public var index: StepIndex
  /// The step's place in its suite.
  public var span: SourceSpan
  /// The verb and the few words that tell it from its neighbours, such as `wait msix`.
  public var text: String
  /// The source line; usually left out, since an outcome repeats the line of the failing step.
  public var excerpt: String?

  /// Makes the content of the event.
  public init(index: StepIndex, span: SourceSpan, text: String, excerpt: String? = nil) {
    self.index = index
    self.span = span
    self.text = text
    self.excerpt = excerpt
  }
}

/// A step is over.
public struct StepEnded: Hashable, Sendable {
  /// Which step it was.
  public var index: StepIndex
  /// How it ended.
  public var status: StepStatus

  /// Makes the content of the event.
  public init(index: StepIndex, status: StepStatus) {
    self.index = index
    self.status = status
  }
}

/// How a step ended.
public enum StepStatus: String, Hashable, Sendable, CaseIterable {
  /// It did what it says.
  case passed
  /// It saw something else than it expects.
  case failed
  /// It was given up because something else ended the case.
  case cancelled
}

/// A line the suite wants in report and capture.
public struct Note: Hashable, Sendable {
  /// The text of the step.
  public var text: String

  /// Makes a note.
  public init(_ text: String) { self.text = text }
}
