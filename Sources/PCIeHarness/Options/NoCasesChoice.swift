import ArgumentParser

/// Whether a run without cases is fine.
enum NoCasesChoice: String, ExpressibleByArgument, CaseIterable {
  case ok
  case fail
}
