// swift-tools-version: 6.2
import PackageDescription

/// Debug builds, and so all tests, hold overlapping accesses to be errors while the program runs; one thread
/// owns a fabric, so that release builds need not look again at each access.
let exclusivity = SwiftSetting.unsafeFlags(
  ["-enforce-exclusivity=unchecked"], .when(configuration: .release))

let swift: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
  .enableExperimentalFeature("Lifetimes"),
  exclusivity,
]
let c: [CSetting] = [.treatAllWarnings(as: .error)]

/// The imports a module may use: the table of the architecture page, held against the code by a Tidy test.
let imports: [String: [Target.Dependency]] = [
  "PCIe": [],
  "Simulation": [],
  "RunEvents": [],
  "LinkBroker": ["PCIe", "Simulation"],
  "RevereInterface": [],
  "Codecs": ["CZlib", "CCrypto"],
  "Endpoints": ["PCIe", "Simulation", "LinkBroker", "RevereInterface", "Codecs"],
  "SuiteLanguage": ["PCIe", "RevereInterface", "CYaml"],
  "Transports": ["PCIe", "Simulation", "LinkBroker", "CSystem", "CPCIeLink"],
  "Nodes": ["CSystem"],
  "Runner": [
    "PCIe", "Simulation", "LinkBroker", "RevereInterface", "Codecs", "Endpoints", "Transports",
    "SuiteLanguage", "Nodes", "RunEvents", "CSystem",
  ],
  "Reports": ["PCIe", "RunEvents"],
  "Figures": [],
  "Benchmark": [
    "PCIe", "Simulation", "LinkBroker", "RevereInterface", "Codecs", "Endpoints", "Transports", "CSystem",
    "CBenchmark", "Figures", "RunEvents",
  ],
]

func module(_ name: String) -> Target {
  .target(name: name, dependencies: imports[name]!, swiftSettings: swift)
}

func tests(_ module: String, exclude: [String] = []) -> Target {
  .testTarget(
    name: "\(module)Tests", dependencies: [.target(name: module)] + imports[module]!, exclude: exclude,
    swiftSettings: swift)
}

let package = Package(
  name: "pcie-harness",
  products: [
    .executable(name: "pcie-harness", targets: ["PCIeHarness"]),
    .library(name: "pcielink", type: .static, targets: ["CPCIeLink"]),
  ],
  dependencies: [.package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")],
  targets: [
    .systemLibrary(name: "CYaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "CSystem", cSettings: c),
    .target(name: "CPCIeLink", exclude: ["CMakeLists.txt", "pcie-link.pc.in"], cSettings: c),
    .testTarget(name: "CPCIeLinkTests", exclude: ["Programs"], swiftSettings: swift),
    module("PCIe"), tests("PCIe", exclude: ["Vectors"]),
    module("Simulation"), tests("Simulation"),
    module("RunEvents"), tests("RunEvents"),
    module("LinkBroker"), tests("LinkBroker"),
    module("RevereInterface"), tests("RevereInterface", exclude: ["Table"]),
    module("Codecs"), tests("Codecs"),
    module("Endpoints"), tests("Endpoints"),
    module("SuiteLanguage"), tests("SuiteLanguage", exclude: ["Examples"]),
    module("Transports"), tests("Transports"),
    module("Nodes"), tests("Nodes"),
    module("Runner"), tests("Runner"),
    module("Reports"), tests("Reports", exclude: ["Goldens"]),
    .executableTarget(
      name: "PCIeHarness",
      dependencies: [
        "Runner", "Reports", "SuiteLanguage", "Nodes", "RunEvents",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      resources: [.embedInCode("Dissector/pcie.lua")],
      swiftSettings: swift),
    .target(name: "CBenchmark", cSettings: c),
    module("Figures"), tests("Figures"),
    .executableTarget(name: "Benchmark", dependencies: imports["Benchmark"]!, swiftSettings: swift),
    .executableTarget(name: "LinkWorkload", dependencies: ["CPCIeLink"], cSettings: c),
    .testTarget(
      name: "AcceptanceTests", dependencies: ["PCIeHarness"], exclude: ["Programs"], swiftSettings: swift),
    .testTarget(name: "TidyTests", swiftSettings: swift),
  ],
  swiftLanguageModes: [.v6]
)

// With TESTED_MODULES, a list with spaces, there are these, what they import, and their tests: a sanitizer is
// wanted where unsafe code is, and takes its time for whatever is built.
if let list = Context.environment["TESTED_MODULES"] {
  let tested = Set(list.split(separator: " ").map(String.init))
  var needed = tested
  var open = Array(tested)
  while let name = open.popLast() {
    for case .byNameItem(let name, _) in imports[name] ?? [] where needed.insert(name).inserted {
      open.append(name)
    }
  }
  package.products = []
  package.dependencies = []
  package.targets.removeAll {
    !needed.contains($0.name) && !tested.contains("\($0.name.dropLast("Tests".count))")
  }
}
