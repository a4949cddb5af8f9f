import ArgumentParser
import Nodes
import RunEvents
import Runner

/// `dissector`: puts the Wireshark dissector where Wireshark can read it, and prints the place.
struct Dissector: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the path of the Wireshark dissector for captures.",
    discussion: """
      Writes the dissector, a Lua file, to $XDG_DATA_HOME/pcie-harness/pcie.lua or, without that variable, to \
      ~/.local/share/pcie-harness/pcie.lua, unless the same text is there, and prints the path. Wireshark and \
      tshark load it for one run with -X, or always from their folder of plugins.

      EXAMPLES:
        pcie-harness dissector
        wireshark -X lua_script:$(pcie-harness dissector) file.pcapng
        tshark -X lua_script:$(pcie-harness dissector) -r file.pcapng -Y pcie.fault
        pcie-harness dissector --print > ~/.local/lib/wireshark/plugins/pcie.lua
      """)

  @Flag(help: "Print the dissector instead of writing it.")
  var print = false

  func run() throws {
    if print { return try Speech.write(Self.text) }
    guard let path = Self.path(Machine.environment) else {
      throw Speech.fail(
        "HOME is not set, so there is no place for the dissector; set HOME or XDG_DATA_HOME, or use --print"
          + "   [cli.no-home]")
    }
    do throws(SystemError) {
      if FileStore.kind(path) != .file || (try? FileStore.read(path)) != Self.text {
        try FileStore.write(Self.text, to: path)
      }
    } catch {
      throw Speech.fail(
        "\(error); set XDG_DATA_HOME to a folder that can be written, or use --print   [cli.unwritable]",
        .internalError)
    }
    Speech.say(path)
  }

  /// The file as it is in the repository.
  private static var text: [UInt8] { PackageResources.pcie_lua }

  /// The place for data of a user's programs; a relative XDG_DATA_HOME does not count, as the base directory
  /// specification of freedesktop.org has it.
  private static func path(_ environment: (String) -> String?) -> String? {
    var folder = environment("XDG_DATA_HOME") ?? ""
    if !folder.hasPrefix("/") {
      guard let home = environment("HOME"), !home.isEmpty else { return nil }
      folder = home + "/.local/share"
    }
    return folder + "/pcie-harness/pcie.lua"
  }
}
