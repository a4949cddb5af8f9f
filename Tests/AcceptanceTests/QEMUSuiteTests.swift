import Foundation
import Testing

/// The suites with QEMU, run with the built program and the real QEMU.
@Suite(.timeLimit(.minutes(10)), .serialized) struct QEMUSuiteTests {
  private static let root = ReadmeTests.root.path(percentEncoded: false)
  private static let isProvided = FileManager.default.fileExists(atPath: root + "/.tools/complete")

  /// What the guests boot, made by the program that is tested and the compilers that have built it.
  private static let guest: Program.Ending? = {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return try? Program.shell("exec 2>&1; PATH='\(path)' make -s -C \(root) guest PROGRAM=$P", in: Folder())
  }()

  @Test(.enabled(if: isProvided, "no QEMU in .tools; call make qemu"), arguments: ProductSuiteTests.qemuNames)
  func passes(name: String) throws {
    let guest = try #require(Self.guest)
    try #require(guest.status == 0, "\(guest.output)")
    let folder = try Folder()
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/.tools", withDestinationPath: Self.root + "/.tools")
    let program = try Program(
      ["run", "\(Self.root)/Suites/\(name)", "--require-all", "--events", "events"], in: folder,
      limit: .seconds(400))
    let ending = try program.wait()
    try #require(ending.status == 0 && ending.errors.isEmpty, "\(ending.errors)\(ending.output)")
    if name == "qemu-linux.yaml" { try lspciReadsWhatLinuxSees(of: folder.text("events"), in: folder) }
  }

  /// QEMU is killed while it learns what a new device is, and while it resets one.
  @Test(.enabled(if: isProvided, "no QEMU in .tools; call make qemu"))
  func whatAQEMUThatIsKilledLeavesUndoneIsTold() throws {
    let folder = try Folder()
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/.tools", withDestinationPath: Self.root + "/.tools")
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/Boards", withDestinationPath: Self.root + "/Boards")
    try folder.write(
      "Suites/killed.yaml",
      """
      format: 1
      suite: killed
      timeout: 20s
      topology:
        nodes:
          host: {board: qemu_qtest, role: root-complex}
          ep: {model: dma-endpoint, bars: {bar0: 64KiB}, msi: 4}
          card: {model: memory-mock, start: manual}
        links: {l0: {upstream: host, downstream: ep}, l1: {upstream: host, downstream: card}}
      cases:
        hello:
          faults: [{kill: {node: host, after: {link: l1, tlp: CfgRd0, count: 40}}}]
          steps: [{start: {node: card}}]
        reset:
          faults: [{kill: {node: host, after: {link: l0, tlp: CfgWr0, count: 1}}}]
          steps: [{reset: {node: ep, kind: flr}}]

      """)
    let ending = try Program(["run", "Suites/killed.yaml", "--require-all"], in: folder).wait()
    #expect(ending.status == 1)
    for name in ["hello", "reset"] {
      let message = "killed.\(name): node-exit at host, link l0: a fault has cut the node off for good"
      #expect(ending.output.contains(message), "\(ending.output)\(ending.errors)")
    }
    #expect(ending.output.contains("2 cases: 2 failed") && !ending.output.contains("leak"))
  }

  /// Overwrites the first function of an ELF file of 64 bits by what is no instruction.
  private static let spoil = #"""
    import struct, sys
    d = bytearray(open(sys.argv[1], 'rb').read())
    segments, sections = struct.unpack_from('<QQ', d, 32)
    segment, segment_count, section, section_count = struct.unpack_from('<HHHH', d, 54)
    for n in range(section_count):
      kind, offset, size, link = struct.unpack_from('<4xI16xQQI', d, sections + n * section)
      if kind != 2: continue
      names = struct.unpack_from('<Q', d, sections + link * section + 24)[0]
      for at in range(offset, offset + size, 24):
        name, value = struct.unpack_from('<I4xQ', d, at)
        if not d[names + name:].startswith(b'firmware_main\0'): continue
        for p in range(segment_count):
          place, address, length = struct.unpack_from('<8xQQ8xQ', d, segments + p * segment)
          if address <= value < address + length:
            d[place + value - address:place + value - address + 4] = bytes(4)
            print(hex(value))
    open(sys.argv[2], 'wb').write(d)

    """#

  @Test(.enabled(if: isProvided, "no QEMU in .tools; call make qemu"))
  func firmwareTellsOfATrapAndEnds() throws {
    let guest = try #require(Self.guest)
    try #require(guest.status == 0, "\(guest.output)")
    let folder = try Folder()
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/.tools", withDestinationPath: Self.root + "/.tools")
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/Boards", withDestinationPath: Self.root + "/Boards")
    try folder.write("spoil.py", Self.spoil)
    let place = try Program.shell(
      "python3 spoil.py \(Self.root)/Suites/build/firmware-riscv64 firmware", in: folder
    ).output.dropFirst(2).dropLast()
    try #require(place.count == 8)
    try folder.write(
      "Suites/trap.yaml",
      """
      format: 1
      suite: trap
      timeout: 20s
      images: {firmware: {file: ../firmware, hint: make guest}}
      topology: {nodes: {virt: {board: qemu_riscv64, image: firmware, role: root-complex}}}
      cases:
        tells:
          steps:
            - wait: {console: virt, matches: 'FAIL trap: mcause 0x0000000000000002, mepc 0x00000000\(place), mtval'}
            - wait: {exit: virt, status: 2}

      """)
    let ending = try Program(["run", "Suites/trap.yaml", "--require-all"], in: folder).wait()
    #expect(ending.status == 0, "\(ending.output)\(ending.errors)")
  }

  /// The agent's dump of our endpoint, as the guest's kernel sees it, means to lspci what the suite says.
  private func lspciReadsWhatLinuxSees(of events: String, in folder: Folder) throws {
    let rows = events.matches(of: /"#800 \| ([0-9a-f]{3}) ([0-9a-f]{32})"/).map { row in
      let digits = Array(row.2)
      return "\(row.1): "
        + stride(from: 0, to: 32, by: 2).map { String(digits[$0...$0 + 1]) }.joined(separator: " ")
    }
    #expect(rows.count == 256)
    try folder.write("dump", "01:00.0 ff00: 16c3:edda\n" + rows.joined(separator: "\n") + "\n\n")
    let said = try Program.shell("PATH=$PATH:/usr/sbin:/sbin lspci -F dump -n -vvv 2>&1", in: folder).output
    for line in [
      "01:00.0 ff00: 16c3:edda", "MSI: Enable- Count=1/4 Maskable+ 64bit+", "Express (v2) Endpoint, MSI 00",
      "FLReset+", "Speed 8GT/s, Width x4", "MSI-X: Enable- Count=8 Masked-",
      "[100 v2] Advanced Error Reporting",
    ] {
      #expect(said.contains(line), "\(said)")
    }
  }
}
