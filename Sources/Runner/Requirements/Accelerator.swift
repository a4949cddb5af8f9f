/// How QEMU runs the code of a machine.
enum Accelerator: String, Hashable, Sendable {
  /// By translation, which works everywhere.
  case tcg
  /// By the processor.
  case kvm
}
