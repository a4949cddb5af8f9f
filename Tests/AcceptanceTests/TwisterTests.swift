import Foundation
import Testing

/// What Zephyr and its Twister get from us, as far as it can be tested without Zephyr. The tests are Python's, run by
/// pytest: it is what Twister calls.
@Suite(.timeLimit(.minutes(5))) struct TwisterTests {
  /// The PATH of the tests' own environment: there stands the Python that has pytest.
  private static let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"

  @Test(arguments: ["pytest", "zephyr"]) func pythonsTestsPass(part: String) throws {
    let folder = try Folder()
    let tests = ReadmeTests.root.appending(path: "Twister/\(part)/tests").path(percentEncoded: false)
    let words = "-p no:cacheprovider -q --color=no --basetemp=t -rs"
    let line =
      "PATH='\(Self.path)'; export PATH; PYTEST_DISABLE_PLUGIN_AUTOLOAD=1; PYTHONDONTWRITEBYTECODE=1; "
      + "export PYTEST_DISABLE_PLUGIN_AUTOLOAD PYTHONDONTWRITEBYTECODE PCIE_HARNESS=$P; "
      + "python3 -c 'import pytest, yaml' 2>&1 || exit 77; exec python3 -m pytest \(words) '\(tests)' 2>&1"
    let ending = try Program.shell(line, in: folder)
    if ending.status == 77 { try Test.cancel("python3 has no pytest or yaml; make test installs them") }
    #expect(ending.status == 0, "\(ending.output)")
    #expect(ending.output.contains(/(?m)^[1-9][0-9]* passed/), "\(ending.output)")
  }
}
