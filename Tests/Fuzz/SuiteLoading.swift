import SuiteLanguage

/// Any bytes give a plan, or at least one error that renders.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSuiteLoading(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let result = SuiteLoader.load(path: "fuzz.yaml", bytes: bytes)
  if result.plan == nil {
    precondition(result.diagnostics.contains { $0.severity == .error }, "no plan and no error")
  }
  for diagnostic in result.diagnostics {
    precondition(!diagnostic.text(in: result.source).isEmpty, "a diagnostic without text")
    precondition(!diagnostic.json.isEmpty, "a diagnostic without JSON")
  }
  return 0
}
