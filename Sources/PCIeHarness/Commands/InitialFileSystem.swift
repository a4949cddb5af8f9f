import ArgumentParser
import Nodes
import RunEvents

/// `initramfs`: makes the file system that a Linux guest boots with.
struct InitialFileSystem: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "initramfs",
    abstract: "Make the file system that a Linux guest boots with.",
    discussion: """
      Writes an archive that the kernel unpacks: the files named, as programs where they may be executed, the \
      folders above them, and dev/console, without which the first process has no output. The kernel starts \
      the file init.

      EXAMPLES:
        pcie-harness initramfs guest/initramfs init=build/guest-agent bin/busybox=/usr/bin/busybox
        pcie-harness run Suites/qemu-linux.yaml --image linux=guest
      """)

  @Argument(help: ArgumentHelp("The archive to write.", valueName: "archive"))
  var archive: String

  @Argument(
    help: ArgumentHelp(
      "What is in it: the path in the guest, and the file it comes from.", valueName: "path=file"))
  var entries: [String]

  func run() throws {
    var content = CPIOArchive()
    do throws(CPIOError) {
      try content.addCharacterDevice("dev/console", major: 5, minor: 1)
    } catch { throw Speech.fail("\(error)", .internalError) }
    for entry in entries { try add(entry, to: &content) }
    do throws(SystemError) {
      try FileStore.write(content.finished, to: archive)
    } catch { throw Speech.fail("\(error)   [cli.unwritable]", .internalError) }
  }

  private func add(_ entry: String, to archive: inout CPIOArchive) throws {
    guard let equals = entry.firstIndex(of: "=") else {
      throw Speech.fail("'\(entry)' names no file; write PATH=FILE, such as init=\(entry)   [cli.entry]")
    }
    let path = String(entry[..<equals])
    let file = String(entry[entry.index(after: equals)...])
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try FileStore.read(file) } catch {
      throw Speech.fail("\(error)   [cli.no-such-file]")
    }
    do throws(CPIOError) {
      try archive.addFile(path, bytes, permissions: FileStore.isExecutable(file) ? 0o755 : 0o644)
    } catch { throw Speech.fail("\(error)   [cli.entry]") }
  }
}
