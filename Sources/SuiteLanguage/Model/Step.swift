/// One thing a case does or checks.
public struct Step: Hashable, Sendable {
  public var action: Action
  /// How long the step may take; nil leaves what remains of its case.
  public var timeout: TimeSpan?
  /// From the verb to the end of its fields.
  public var span: SourceSpan
  /// The verb alone.
  public var verbSpan: SourceSpan

  init(action: Action, timeout: TimeSpan?, span: SourceSpan, verbSpan: SourceSpan) {
    self.action = action
    self.timeout = timeout
    self.span = span
    self.verbSpan = verbSpan
  }

  /// A step that stands in no file.
  public init(_ action: Action) {
    self.init(action: action, timeout: nil, span: .nowhere, verbSpan: .nowhere)
  }

  /// What the step does, one case for each verb of the language.
  public indirect enum Action: Hashable, Sendable {
    case configurationRead(ConfigurationRead)
    case configurationWrite(ConfigurationWrite)
    case memoryRead(MemoryRead)
    case memoryWrite(MemoryWrite)
    case dmaRead(DMARead)
    case dmaWrite(DMAWrite)
    case msix(InterruptRequest)
    case wait(WaitCondition)
    case send(ConsoleLine)
    case expect(Check)
    case link(LinkChange)
    case reset(ResetKind)
    case translate(TranslationChange)
    case start(node: String)
    case stop(node: String)
    case amu(ManagementCommand)
    case amuException(ManagementException)
    case amuTrace(ManagementTrace)
    case amuErrorState(ManagementErrorState)
    case amsSend(MessageSend)
    case amsReceive(MessageReceive)
    case `repeat`(times: Int, steps: [Step])
    case parallel(branches: [[Step]])
    case note(String)
  }

  /// The verb as suites spell it.
  public var verb: Verb {
    switch action {
    case .configurationRead: .configurationRead
    case .configurationWrite: .configurationWrite
    case .memoryRead: .memoryRead
    case .memoryWrite: .memoryWrite
    case .dmaRead: .dmaRead
    case .dmaWrite: .dmaWrite
    case .msix: .msix
    case .wait: .wait
    case .send: .send
    case .expect: .expect
    case .link: .link
    case .reset: .reset
    case .translate: .translate
    case .start: .start
    case .stop: .stop
    case .amu, .amuException, .amuTrace, .amuErrorState: .amu
    case .amsSend: .amsSend
    case .amsReceive: .amsReceive
    case .repeat: .repeat
    case .parallel: .parallel
    case .note: .note
    }
  }
}

/// The verbs of the language.
public enum Verb: String, CaseIterable, Hashable, Sendable {
  case configurationRead = "cfg_read"
  case configurationWrite = "cfg_write"
  case memoryRead = "mem_read"
  case memoryWrite = "mem_write"
  case dmaRead = "dma_read"
  case dmaWrite = "dma_write"
  case msix
  case wait
  case send
  case expect
  case link
  case reset
  case translate
  case start
  case stop
  case amu
  case amsSend = "ams_send"
  case amsReceive = "ams_receive"
  case `repeat`
  case parallel
  case note
}
