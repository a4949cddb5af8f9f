import RevereInterface

/// Where the registers of BAR0 stand.
///
/// - Units: byte offsets; indexes from the start of their page.
/// - Source: Arm Revere-AMU programming interface, architecture major revision 3; the distance of pages is a
///   choice of this model.
public enum AMULayout {
  /// The management page, and the page of each software context behind it.
  public static let pageBytes = RevereInterface.pageBytes

  /// The start of the page of a software context.
  public static func page(ofContext number: Int) -> Int { (number + 1) * pageBytes }

  // The management page.
  public static let identification = 0x00
  public static let architecture = 0x08
  public static let implementation = 0x10
  public static let control = 0x18
  public static let status = 0x20
  public static let receiveVector = 0x28
  public static let transmitVector = 0x30
  public static let receiveInterrupt = 0x40
  public static let transmitInterrupt = 0x48
  public static let traceMode = 0x50
  public static let errorInterrupt = 0x58
  /// Of management socket 0; the others follow 16 bytes apart.
  public static let socketBase = 0x60
  public static let socketControl = 0x68
  /// What is added to the offsets below for the management sockets.
  public static let managementSockets = 0x1000

  // Sockets, in the page of a software context and, moved, in the management page.
  public static let transmitDigest = 0x000
  public static let transmitMask = 0x008
  public static let transmitRead = 0x400
  public static let transmitWrite = 0x600
  public static let receiveDigest = 0x800
  public static let receiveMask = 0x808
  public static let receiveRead = 0xc00
  public static let receiveWrite = 0xe00
}

/// A register of a group of sockets.
enum SocketRegister {
  case transmitDigest
  case transmitMask
  case receiveDigest
  case receiveMask
  case transmitRead(Int)
  case transmitWrite(Int)
  case receiveRead(Int)
  case receiveWrite(Int)

  /// The register at an offset of the group, nil where none is.
  init?(_ offset: Int, sockets: Int) {
    let socket = offset >> 3 & 63
    switch offset & ~0x1ff {
    case AMULayout.transmitDigest where offset == AMULayout.transmitDigest: self = .transmitDigest
    case AMULayout.transmitDigest where offset == AMULayout.transmitMask: self = .transmitMask
    case AMULayout.receiveDigest where offset == AMULayout.receiveDigest: self = .receiveDigest
    case AMULayout.receiveDigest where offset == AMULayout.receiveMask: self = .receiveMask
    case AMULayout.transmitRead where socket < sockets: self = .transmitRead(socket)
    case AMULayout.transmitWrite where socket < sockets: self = .transmitWrite(socket)
    case AMULayout.receiveRead where socket < sockets: self = .receiveRead(socket)
    case AMULayout.receiveWrite where socket < sockets: self = .receiveWrite(socket)
    default: return nil
    }
  }
}
