import Foundation
import Testing

/// `make qemu` against an archive of the test's own: what it does once, again, and when something is wrong.
@Suite(.timeLimit(.minutes(10))) struct ToolFolderTests {
  private static let script = ReadmeTests.root.appending(path: ".ci/qemu").path(percentEncoded: false)
  private static let standIn = ReadmeTests.root.appending(path: "Tests/AcceptanceTests/Programs/apt/apt-get")
    .path(percentEncoded: false)

  /// An archive with QEMU, which is a shell script here, a kernel and busybox, and its commands.
  private func archive() throws -> Folder {
    let folder = try Folder()
    let ending = try Program.shell(
      """
      set -e
      exec 2>&1
      mkdir -p bin archive parts qemu/usr/lib/x86_64-linux-gnu kernel/boot kernel/lib busybox/usr/bin
      for name in apt-get apt-cache apt-config dpkg-deb dpkg df; do ln -s \(Self.standIn) bin/$name; done
      printf '#!/bin/sh\\ncase $* in */zstd*) cat ;; *) echo "vfio-user-pci options: $*" ;; esac\\n' >qemu/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
      chmod 755 qemu/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
      { head -c 600 /dev/zero; printf 'ELF\\0\\0\\0\\0'; } >kernel/boot/vmlinuz-1
      printf '\\0' | dd of=kernel/boot/vmlinuz-1 bs=1 seek=497 conv=notrunc status=none
      printf '\\130\\0\\0\\0\\7\\0\\0\\0' | dd of=kernel/boot/vmlinuz-1 bs=1 seek=584 conv=notrunc status=none
      echo one >kernel/lib/uio.ko
      echo two >kernel/lib/uio_pci_generic.ko
      echo box >busybox/usr/bin/busybox
      tar -c -C qemu -f archive/qemu.deb .
      tar -c -C kernel -f archive/linux-image-1-cloud.deb .
      tar -c -C busybox -f archive/busybox-static_1.deb .
      """, in: folder)
    try #require(ending.status == 0, "\(ending.output)")
    return folder
  }

  private func provide(_ folder: Folder) throws -> Program.Ending {
    try Program.shell(
      "FAKE=$PWD PATH=$PWD/bin:/usr/bin:/bin exec \(Self.script) $PWD/tools", in: folder)
  }

  /// The packages that were fetched, in the order of fetching.
  private func fetched(_ folder: Folder) throws -> [String] {
    try folder.text("calls").split(separator: "\n").filter { $0.hasPrefix("fetched ") }
      .map { String($0.dropFirst("fetched ".count)) }
  }

  @Test func providesEverythingOnceAndCanBeMoved() throws {
    let folder = try archive()
    let first = try provide(folder)
    #expect(first.status == 0, "\(first.output)\(first.errors)")
    #expect(
      try folder.names("tools/boot") == ["busybox", "uio.ko", "uio_pci_generic.ko", "vmlinux", "vmlinuz"])
    #expect(try folder.text("tools/boot/vmlinux") == "ELF")
    let calls = try folder.text("calls")
    let second = try provide(folder)
    #expect(second.status == 0 && second.output.isEmpty)
    #expect(try folder.text("calls") == calls, "the second call asks nobody")
    let moved = try Program.shell("mv tools other && exec other/bin/qemu-system-riscv64 -M virt", in: folder)
    #expect(moved.output.contains("/other/root/usr/bin/qemu-system-riscv64"), "\(moved)")
    #expect(moved.output.hasSuffix("-M virt\n"))
  }

  @Test func usesTheKeyOfTheMachinesOwnArchive() throws {
    let folder = try archive()
    try folder.write(
      "parts/debian.sources",
      "Types: deb\nURIs: http://archive.invalid/debian\nSigned-By: /usr/share/keyrings/own.gpg\n")
    #expect(try provide(folder).status == 0)
    let line = "deb [arch=amd64 signed-by=/usr/share/keyrings/own.gpg] http://archive.invalid/debian"
    #expect(try folder.text("tools/apt/sources.list").hasPrefix("\(line) trixie main\n"))
  }

  @Test func goesOnAfterABrokenDownload() throws {
    let folder = try archive()
    try folder.write("broken", "Failed to fetch busybox-static_1: Connection timed out\n")
    let broken = try provide(folder)
    #expect(broken.status == 69)
    #expect(broken.errors.contains("E: Failed to fetch busybox-static_1"), "\(broken.errors)")
    #expect(broken.errors.contains("error: a download failed: the package archive http://archive.invalid"))
    try FileManager.default.removeItem(atPath: "\(folder.path)/broken")
    #expect(try provide(folder).status == 0)
    #expect(try fetched(folder) == ["qemu", "linux-image-1-cloud", "busybox-static_1"])
  }

  @Test func fetchesAHalfDownloadedPackageAnew() throws {
    let folder = try archive()
    try folder.write("tools/apt/cache/archives/qemu.deb", "half of a package")
    let ending = try provide(folder)
    #expect(ending.status == 0, "\(ending.errors)")
    #expect(try fetched(folder).first == "qemu")
  }

  @Test func refusesWhatTheArchiveChangedOnTheWay() throws {
    let folder = try archive()
    // Each copy is damaged, as by a proxy.
    let damage = "cp() { /bin/cp \"$@\" && echo x >>\"$2\"; }"
    let standIn = try String(contentsOfFile: Self.standIn, encoding: .utf8)
      .replacing("set -eu", with: "set -eu\n\(damage)")
    try FileManager.default.removeItem(atPath: "\(folder.path)/bin/apt-get")
    try folder.write("bin/apt-get", standIn, isProgram: true)
    let ending = try provide(folder)
    #expect(ending.status == 69)
    #expect(ending.errors.contains("the checksum is wrong of qemu.deb linux-image-1-cloud.deb"), "\(ending)")
    #expect(try folder.names("tools/apt/cache/archives") == ["partial"])
  }

  @Test func saysThatThereIsNoNetwork() throws {
    let folder = try archive()
    try folder.write("offline", "Failed to fetch InRelease: Could not resolve 'archive.invalid'\n")
    let ending = try provide(folder)
    #expect(ending.status == 69)
    #expect(
      ending.errors.hasSuffix(
        "error: apt-get update failed: the package archive http://archive.invalid/debian cannot be reached; "
          + "with a network, call make qemu again: what is there is kept\n"), "\(ending.errors)")
  }

  @Test(arguments: [("narrow", "1000\n"), ("full", "write: No space left on device\n")])
  func saysThatTheDiskIsFull(file: String, text: String) throws {
    let folder = try archive()
    try folder.write(file, text)
    let ending = try provide(folder)
    #expect(ending.status == 69)
    #expect(ending.errors.contains("error: the disk is full: \(folder.path)/tools needs "), "\(ending)")
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/tools/complete"))
  }

  @Test func saysThatNoArchiveIsNamed() throws {
    let folder = try archive()
    try folder.write("unnamed")
    let ending = try provide(folder)
    #expect(ending.status == 69 && ending.errors.contains("names no archive with the release"), "\(ending)")
  }
}
