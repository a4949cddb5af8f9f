// tidy: table

extension Catalogue {
  private static let argumentGroups = Shape.list(.list(.scalarOrObject(.text, .argumentJoin)))

  static let boardObjects: [ObjectDescription] = [
    ObjectDescription(
      .board, "Which simulator plays a node, and how it is started.",
      [
        FieldDescription(
          "format", .choice("format", ["1"]), required: true, "the version of the format; comes first"),
        FieldDescription("board", .scalar(.name), required: true, "the board's name"),
        FieldDescription("about", .scalar(.text), "one sentence"),
        FieldDescription("arch", .scalar(.name), required: true, "the architecture, for reports"),
        FieldDescription("simulator", .scalar(.name), required: true, "the simulator's name"),
        FieldDescription("requires", .list(.object(.requirement)), "tools that must be there"),
        FieldDescription("launch", .object(.launch), required: true, "how the simulator is started"),
        FieldDescription(
          "console", .choice("kind of console", BoardConsole.allCases.map(\.rawValue)),
          "how the console is connected"),
        FieldDescription(
          "wire", .choice("wire", [LinkWire.pcieLink, .vfioUser].map(\.rawValue)),
          "how the program joins a link of which the suite names no wire: by pcie-link, which is the default, or "
            + "by vfio-user at $socket"),
        FieldDescription(
          "call", .choice("call", BoardCall.allCases.map(\.rawValue)),
          "who calls on a link of wire: warp-pipe: the program by connect, which is the default, or we by listen"
        ),
        FieldDescription(
          "agent", .choice("place of an agent", BoardAgent.allCases.map(\.rawValue)),
          "who does steps by the node: the agent of Boards/guest on its console, or the harness as processor of a QEMU "
            + "without guest, by $qtest; there the clock stands still but for waits, unless it is real-time"),
        FieldDescription(
          "monitor", .object(.monitor),
          "how a QEMU adds devices while it runs, which a suite has with start: manual at a model"),
        FieldDescription("ready", .object(.ready), "the console line that tells that the node is up"),
        FieldDescription("stop", .object(.boardStop), "how the simulator is ended (TERM, 2s without it)"),
        FieldDescription(
          "timeout_scale", .scalar(.factor), "factor on every timeout of a case (1 without it)"),
        FieldDescription("needs", .object(.needs), "weight in the scheduler"),
      ]),
    ObjectDescription(
      .launch, "The program with its arguments.",
      [
        FieldDescription(
          "program", .scalar(.text), required: true, "the program; $image runs the node's image"),
        FieldDescription(
          "args", argumentGroups,
          "groups of arguments; $image, $qtest, $monitor, $accelerator (tcg, or kvm where run --kvm has booted it in time), "
            + "and $host and $port of a link of wire: warp-pipe, stand for themselves"
        ),
        FieldDescription(
          "per_link", argumentGroups,
          "groups that are repeated for each link of the node, with its $socket and its $index from 1"),
        FieldDescription(
          "per_device", argumentGroups,
          "groups that are repeated for each of these links at which something is from the start"),
        FieldDescription(
          "env", .map("variable", .variable, .scalarOrObject(.text, .argumentJoin)), "variables to set"),
      ]),
    ObjectDescription(
      .argumentJoin, "One argument built from pieces.",
      [
        FieldDescription(
          "join", .list(.scalar(.text)), required: true, "the pieces, joined without a separator")
      ]),
    ObjectDescription(
      .monitor, "Commands for a QEMU that runs, each a line of QMP.",
      [
        FieldDescription(
          "plug", .scalarOrObject(.text, .argumentJoin), required: true,
          "adds the device of a link, by its $socket and its $index"),
        FieldDescription(
          "unplug", .scalarOrObject(.text, .argumentJoin), required: true,
          "asks for the removal of that device, by its $index"),
      ]),
    ObjectDescription(
      .ready, "When the node is up.",
      [
        FieldDescription("matches", .scalar(.pattern), required: true, "searched within a console line"),
        FieldDescription("timeout", .scalar(.duration), required: true, "how long that may take"),
      ]),
    ObjectDescription(
      .boardStop, "How the simulator is ended before SIGKILL.",
      [
        FieldDescription(
          "signal", .choice("signal", StopSignal.allCases.map(\.rawValue)), required: true, "the signal"),
        FieldDescription("grace", .scalar(.duration), required: true, "the time until SIGKILL"),
      ]),
    ObjectDescription(
      .needs, "Weight of a node in the scheduler.",
      [
        FieldDescription("cores", .scalar(.count), required: true, "processors"),
        FieldDescription("memory", .scalar(.size), required: true, "memory"),
      ]),
  ]
}
