// tidy: table
import PCIe
import RevereInterface

extension Catalogue {
  private static let tags = Shape.list(.scalar(.name))
  static let matrix = Shape.map("matrix key", .referenceName, .list(.scalar(.text)))
  private static let exclude = Shape.list(.map("matrix key", .referenceName, .scalar(.text)))
  static let steps = Shape.list(.object(.step))

  static let suiteObjects: [ObjectDescription] = [
    ObjectDescription(
      .suite, "A file of cases that share a topology.",
      [
        FieldDescription(
          "format", .choice("format", ["1"]), required: true, "the version of the format; comes first"),
        FieldDescription(
          "suite", .scalar(.name), required: true, "the suite's name, the first part of case ids"),
        FieldDescription("about", .scalar(.text), "one sentence for reports"),
        FieldDescription("tags", tags, "words for --tag; every case has them"),
        FieldDescription(
          "timeout", .scalar(.duration), "time for each case that names none (60s without it)"),
        FieldDescription(
          "seed", .scalar(.hex), "fixes every drawn value; --seed and a case's seed go before it"),
        FieldDescription(
          "requires", .list(.object(.requirement)), "tools without which all cases are skipped"),
        FieldDescription("images", .map("image", .name, .object(.image)), "files that nodes run"),
        FieldDescription("matrix", matrix, "values that the topology and every case are repeated for"),
        FieldDescription("exclude", exclude, "partial assignments of the matrix to leave out"),
        FieldDescription("topology", .object(.topology), required: true, "nodes and links"),
        FieldDescription("setup", steps, "steps before each case, on fresh nodes"),
        FieldDescription(
          "cases", .map("case", .name, .object(.caseDescription)), required: true, "the cases by name"),
      ]),
    ObjectDescription(
      .image, "A file that a node runs.",
      [
        FieldDescription("file", .scalar(.text), required: true, "the path"),
        FieldDescription(
          "hint", .scalar(.text), required: true, "how to make the file; shown when it is absent"),
      ]),
    ObjectDescription(
      .requirement, "A tool a case or board cannot do without; its absence makes a skip.",
      [
        FieldDescription("tool", .scalar(.text), required: true, "the program's name"),
        FieldDescription("version", .scalar(.version), "the least version, compared part by part"),
        FieldDescription(
          "probe", .list(.scalar(.text)), "arguments that print the version (--version without it)"),
        FieldDescription("matches", .scalar(.pattern), "what the probe's output must hold"),
        FieldDescription("hint", .scalar(.text), required: true, "text of doctor and of the skip reason"),
      ]),
    ObjectDescription(
      .topology, "Who takes part, and how they are wired: one tree below one root complex.",
      [
        FieldDescription(
          "nodes", .map("node", .name, .object(.node)), required: true, "the participants by name"),
        FieldDescription(
          "links", .map("link", .name, .object(.link)), "the links by name; their order numbers ports"),
      ]),
    ObjectDescription(
      .node, "A built-in model, or a simulator described by a board file.",
      [
        FieldDescription("model", .choice("model", Model.allCases.map(\.rawValue)), "the built-in model"),
        FieldDescription(
          "memory", .scalar(.size), "host memory from bus address 0, root-complex only (1MiB without it)"),
        FieldDescription(
          "shared", .scalar(.size),
          "more host memory behind it, whole pages, which a device server of wire: vfio-user maps: what it "
            + "does there is no TLP, and no checker sees it; root-complex only"),
        FieldDescription(
          "bars", .map("BAR", .name, .scalarOrObject(.size, .bar)),
          "BARs by name, bar0 to bar5, instead of the model's own, or of a program; memory-mock has bar0: 128B (read-only, holding "
            + "0x10, 0x11, …) and bar1: 2KiB, dma-endpoint bar0: 4KiB (its registers)"),
        FieldDescription(
          "msix", .scalar(.count),
          "MSI-X vectors, 0 to 2048; table and pending bits take the first BAR that is free"),
        FieldDescription("msi", .scalar(.count), "MSI vectors: 1, 2, 4, 8, 16 or 32"),
        FieldDescription(
          "id", .object(.identity),
          "identification registers (memory-mock 0x0001:0x0002); for a program in role: endpoint it begins what "
            + "the suite says of its function, with bars, msix and msi: such a program may leave that to the "
            + "suite, and one that describes itself has to say the same"),
        FieldDescription("amu", .object(.amuSettings), "resources, revere-amu only"),
        FieldDescription("nvme", .object(.nvmeSettings), "queues and namespaces, nvme only"),
        FieldDescription("board", .scalar(.name), "the board file that says which simulator plays the node"),
        FieldDescription("image", .scalar(.name), "what the simulator runs, by its name in images"),
        FieldDescription(
          "role", .choice("role", ["root-complex", "endpoint"]),
          "which end of its links the simulator plays; without it the process has no links"),
        FieldDescription(
          "port", .scalar(.count),
          "the TCP port of its link of wire: warp-pipe, 1 to 65535; without it one that is free"),
        FieldDescription(
          "scope", .choice("scope", BoardNode.Scope.allCases.map(\.rawValue)),
          "suite keeps a root complex with an agent from case to case, reset and checked between them, and "
            + "starts it anew behind a case that has not left it as it was; only models may be below it "
            + "(case without it)"),
        FieldDescription(
          "start", .choice("start", ["auto", "manual"]), "manual leaves the node down until a start step"),
      ],
      forms: [
        FormDescription(
          key: "model", optional: ["memory", "shared", "bars", "msix", "msi", "id", "amu", "nvme"]),
        FormDescription(
          key: "board", optional: ["image", "role", "port", "scope", "id", "bars", "msix", "msi"]),
      ]),
    ObjectDescription(
      .bar, "The long form of a BAR.",
      [
        FieldDescription(
          "size", .scalar(.size), required: true, "a power of two, at least 16B (I/O: 4B to 256B)"),
        FieldDescription(
          "bits", .choice("address width", ["32", "64"]), "64 takes two registers (32 without it)"),
        FieldDescription("prefetchable", .scalar(.bool), "sets the prefetchable bit"),
        FieldDescription(
          "space", .choice("address space", BarDescription.Space.allCases.map(\.rawValue)),
          "memory without it"),
        FieldDescription(
          "access", .choice("access", BarDescription.Access.allCases.map(\.rawValue)),
          "whether writes change it (read-write, but read-only for bar0 of memory-mock)"),
        FieldDescription(
          "mapped", .scalar(.bool),
          "true lets a host of wire: vfio-user map it: its accesses there are no TLPs, and no checker sees them"
        ),
      ]),
    ObjectDescription(
      .identity, "Identification registers of a function.",
      [
        FieldDescription("vendor", .scalar(.hex), "Vendor ID, 16 bits"),
        FieldDescription("device", .scalar(.hex), "Device ID, 16 bits"),
        FieldDescription("class", .scalar(.hex), "class code: base class, sub-class, interface, 24 bits"),
        FieldDescription("revision", .scalar(.hex), "Revision ID, 8 bits"),
        FieldDescription("subsystem_vendor", .scalar(.hex), "Subsystem Vendor ID, 16 bits"),
        FieldDescription("subsystem_device", .scalar(.hex), "Subsystem ID, 16 bits"),
      ]),
    ObjectDescription(
      .amuSettings, "Resources of a Revere-AMU.",
      [
        FieldDescription("ami_sw", .scalar(.count), required: true, "software contexts"),
        FieldDescription(
          "ami_hw", .scalar(.count), required: true, "hardware contexts of each accelerator"),
        FieldDescription("asn", .scalar(.count), required: true, "sessions"),
        FieldDescription(
          "vfs", .scalar(.count),
          "virtual functions, 0 to 255 (0 without it); past the seventh with ARI Capable Hierarchy only"),
        FieldDescription(
          "ams", .scalar(.count), "sockets of each kind of a context, 1 to 64 (64 without it)"),
        FieldDescription(
          "type", .choice("socket type", RevereInterface.socketTypes.map(\.word)),
          "where it learns of rings: a1 from commands and registers (without it), b from tables in memory"),
        FieldDescription(
          "accelerators", .list(.choice("accelerator", RevereInterface.accelerators)),
          "what the accelerators do, in the order of their AHA_ID (invert alone without it)"),
      ]),
    ObjectDescription(
      .nvmeSettings, "Queues and namespaces of an NVMe controller.",
      [
        FieldDescription("queues", .scalar(.count), "pairs of I/O queues, 1 to 255 (8 without it)"),
        FieldDescription(
          "namespaces", .list(.object(.namespace)),
          "its namespaces, 1 to 256, whose ids count from 1 (one of 16MiB without it)"),
      ]),
    ObjectDescription(
      .namespace, "A namespace of an NVMe controller: zeros at first, or what a file holds.",
      [
        FieldDescription("size", .scalar(.size), "its size; it is kept in memory"),
        FieldDescription(
          "file", .scalar(.text),
          "a file relative to the suite, which holds its blocks and keeps what is written"),
        FieldDescription("block", .choice("block size", ["512B", "4KiB"]), "512B without it"),
      ],
      forms: [
        FormDescription(key: "size", optional: ["block"]),
        FormDescription(key: "file", optional: ["block"]),
      ]),
    ObjectDescription(
      .link, "A link between a port that looks down and a port that looks up.",
      [
        FieldDescription(
          "upstream", .scalar(.name), required: true,
          "the upper node; a switch gives its next downstream port"),
        FieldDescription(
          "downstream", .scalar(.name), required: true, "the lower node; a switch gives its upstream port"),
        FieldDescription(
          "speed", .choice("link speed", LinkSpeed.suiteTexts), "2.5GT/s without it"),
        FieldDescription("width", .choice("link width", ["1", "2", "4", "8", "16"]), "lanes (1 without it)"),
        FieldDescription(
          "max_payload", .choice("payload size", ["128B", "256B", "512B", "1KiB", "2KiB", "4KiB"]),
          "the largest payload of a TLP (128B without it)"),
        FieldDescription("latency", .scalar(.duration), "one way, besides the time the bits take"),
        FieldDescription(
          "layer", .choice("layer", FaultLayer.allCases.map(\.rawValue)),
          "data-link adds sequence numbers, Ack, Nak, replay and flow control by DLLPs to transaction, which "
            + "is the default; a case that needs data-link switches it on for itself"),
        FieldDescription(
          "wire", .choice("wire", LinkWire.allCases.map(\.rawValue)),
          "how the programs at its ends are reached: as their boards say, which is pcie-link, the link library, "
            + "where they say nothing; warp-pipe is Warp Pipe's protocol over TCP, vfio-user that of QEMU"),
      ]),
    ObjectDescription(
      .caseDescription, "One thing to prove.",
      [
        FieldDescription("about", .scalar(.text), "one sentence for reports"),
        FieldDescription("tags", tags, "words for --tag"),
        FieldDescription("slow", .scalar(.bool), "true marks the case for the predicate slow()"),
        FieldDescription("exclusive", .scalar(.bool), "true runs the case alone, after the parallel phase"),
        FieldDescription("timeout", .scalar(.duration), "time for all steps"),
        FieldDescription("seed", .scalar(.hex), "fixes the case's drawn values"),
        FieldDescription(
          "seeds", .scalar(.count), "runs the case so often, each with a seed of its own, and reports one"),
        FieldDescription(
          "retries", .scalar(.count), "further tries after a failure, 0 to 100 (0 without it)"),
        FieldDescription("requires", .list(.object(.requirement)), "tools without which the case is skipped"),
        FieldDescription("known_failure", .object(.knownFailure), "the case must fail; passing is a failure"),
        FieldDescription("matrix", matrix, "values that the case is repeated for"),
        FieldDescription("exclude", exclude, "partial assignments to leave out"),
        FieldDescription("faults", .list(.object(.fault)), "what goes wrong on purpose"),
        FieldDescription(
          "allow", .list(.choice("violation", violationNames)), "violations the case means to provoke"),
        FieldDescription("steps", steps, required: true, "what is done and checked, in order"),
      ]),
    ObjectDescription(
      .knownFailure, "Why a case fails for now.",
      [
        FieldDescription("reason", .scalar(.text), required: true, "one sentence"),
        FieldDescription("issue", .scalar(.text), required: true, "where it is tracked"),
      ]),
  ]
}
