import Foundation
import Testing

/// `initramfs` from the command line, and cpio as a reader of what it writes.
@Suite struct InitialFileSystemTests {
  private func folder() throws -> Folder {
    let folder = try Folder()
    try folder.write("agent", "program", isProgram: true)
    try folder.write("uio.ko", "module")
    return folder
  }

  @Test func cpioReadsIt() throws {
    let folder = try folder()
    let ending = try Program.run(
      "initramfs", "guest/initramfs", "init=agent", "lib/uio.ko=uio.ko", "lib/two.ko=uio.ko", in: folder)
    #expect(ending.status == 0 && ending.output.isEmpty, "\(ending.errors)")
    let listed = try Program.shell("cpio -t --quiet <guest/initramfs", in: folder)
    #expect(listed.output == "dev\ndev/console\ninit\nlib\nlib/uio.ko\nlib/two.ko\n", "\(listed)")
    let unpacked = try Program.shell(
      "mkdir out && cd out && cpio -i -d --quiet init 'lib/*' <../guest/initramfs && stat -c %a init lib/uio.ko && "
        + "cmp init ../agent && cmp lib/two.ko ../uio.ko", in: folder)
    #expect(unpacked.status == 0 && unpacked.output == "755\n644\n", "\(unpacked)")
  }

  @Test func saysWhatIsWrongWithAnEntry() throws {
    let folder = try folder()
    for (entry, message) in [
      ("init", "error: 'init' names no file; write PATH=FILE, such as init=init   [cli.entry]\n"),
      ("init=absent", "error: cannot read absent: No such file or directory   [cli.no-such-file]\n"),
      (
        "/init=agent",
        "error: '/init' is no path in an archive; write it relative to the root, without '.' and '..'"
          + "   [cli.entry]\n"
      ),
      ("dev/console=agent", "error: 'dev/console' is in the archive already   [cli.entry]\n"),
    ] {
      let ending = try Program.run("initramfs", "out", entry, in: folder)
      #expect(ending.status == 64 && ending.errors == message, "\(ending.errors)")
    }
    #expect(try folder.names() == ["agent", "uio.ko"])
  }
}
