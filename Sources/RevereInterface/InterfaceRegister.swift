/// A 64-bit register of BAR0, or the start of a page.
public struct InterfaceRegister: Hashable, Sendable {
  public let name: String
  /// From the start of its page: the management page, or that of a software context.
  public let offset: Int
  public let fields: [Bits]

  init(_ name: String, _ offset: Int, fields: [Bits] = []) {
    self.name = name
    self.offset = offset
    self.fields = fields
  }

  /// The bits of one field.
  public struct Bits: Hashable, Sendable {
    public let name: String
    public let msb: Int
    public let lsb: Int

    init(_ name: String, _ msb: Int, _ lsb: Int) {
      self.name = name
      self.msb = msb
      self.lsb = lsb
    }
  }
}
