import LinkBroker
import PCIe
import RevereInterface

// BAR0: the management page, and a page for each software context. All registers have 64 bits. Reads of
// any size
// and place work. A write that does not take a whole register changes its bytes alone, but an index, which is
// nothing that can be written by halves, keeps its value.
extension AMUCore {
  /// Reads bytes of BAR0.
  func read(
    _ range: BarRange, of function: Int, into payload: PayloadReference, at place: Int,
    in fabric: inout Fabric
  ) {
    var register = -1
    var value: UInt64 = 0
    for index in 0..<range.count {
      let offset = range.offset + index
      if offset & ~7 != register {
        register = offset & ~7
        value = self.register(register, of: function)
      }
      fabric.payloads.setByte(
        payload, at: place + index, to: UInt8(truncatingIfNeeded: value >> (UInt64(offset & 7) * 8)))
    }
  }

  /// Writes bytes of BAR0.
  mutating func write(
    _ range: BarRange, of function: Int, from payload: PayloadReference, at place: Int,
    in fabric: inout Fabric
  ) {
    var done = 0
    while done < range.count {
      let offset = range.offset + done
      let count = min(range.count - done, 8 - offset & 7)
      var value: UInt64 = 0
      if count == 8 {
        value =
          UInt64(fabric.payloads.word(payload, at: place + done))
          | UInt64(fabric.payloads.word(payload, at: place + done + 4)) << 32
        setRegister(offset, value, of: function, in: &fabric)
      } else if !isIndex(offset & ~7) {
        value = register(offset & ~7, of: function)
        for index in 0..<count {
          let shift = UInt64((offset + index) & 7) * 8
          let byte = UInt64(fabric.payloads.byte(payload, at: place + done + index))
          value = value & ~(0xff << shift) | byte << shift
        }
        setRegister(offset & ~7, value, of: function, in: &fabric)
      }
      done += count
    }
  }

  private func isIndex(_ offset: Int) -> Bool {
    let inPage = offset & (AMULayout.pageBytes - 1)
    let start = offset < AMULayout.pageBytes ? AMULayout.managementSockets : 0
    return inPage >= start && inPage < start + 0x1000 && (inPage - start) & 0x400 != 0
  }

  /// A register as software reads it; what is not there is zero.
  func register(_ offset: Int, of function: Int) -> UInt64 {
    let page = offset / AMULayout.pageBytes
    guard page > 0 else { return managementRegister(offset, of: function) }
    guard let context = softwareContext(page - 1, of: function),
      let register = SocketRegister(offset & (AMULayout.pageBytes - 1), sockets: sizes.sockets)
    else { return 0 }
    switch register {
    case .transmitDigest: return software[context].transmitDigest
    case .transmitMask: return software[context].transmitMask
    case .receiveDigest: return software[context].receiveDigest
    case .receiveMask: return software[context].receiveMask
    case .transmitRead(let socket): return sockets[place(context, socket)].transmit.read
    case .transmitWrite(let socket): return sockets[place(context, socket)].transmit.write
    case .receiveRead(let socket): return sockets[place(context, socket)].receive.read
    case .receiveWrite(let socket): return sockets[place(context, socket)].receive.write
    }
  }

  /// Software writes a register; what is not there, or not mapped, takes nothing.
  mutating func setRegister(_ offset: Int, _ value: UInt64, of function: Int, in fabric: inout Fabric) {
    let page = offset / AMULayout.pageBytes
    guard page > 0 else { return setManagementRegister(offset, value, of: function, in: &fabric) }
    guard let context = softwareContext(page - 1, of: function),
      let register = SocketRegister(offset & (AMULayout.pageBytes - 1), sockets: sizes.sockets)
    else { return }
    switch register {
    case .transmitDigest, .receiveDigest: break
    case .transmitMask: setTransmitMask(value, context, in: &fabric)
    case .receiveMask: setReceiveMask(value, context, in: &fabric)
    case .transmitWrite(let socket): writeTransmitIndex(value, context, socket, in: &fabric)
    case .receiveRead(let socket): writeReceiveIndex(value, context, socket, in: &fabric)
    // The unit's own; in a disabled context they take what was saved before it was moved.
    case .transmitRead(let socket):
      if !software[context].isEnabled { sockets[place(context, socket)].transmit.read = value }
    case .receiveWrite(let socket):
      if !software[context].isEnabled { sockets[place(context, socket)].receive.write = value }
    }
  }
}
