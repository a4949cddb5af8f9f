import LinkBroker

extension NVMeCore {
  /// Software rings a doorbell.
  ///
  /// - Source: NVM Express Base 1.4, 3.1.24, 3.1.25 and, for what is wrong, 5.2.1 "Asynchronous
  ///   Event Information".
  mutating func ring(_ offset: Int, _ value: UInt32, in fabric: inout Fabric) {
    guard isRunning else { return }
    let queue = offset / 8
    if offset & 4 == 0 {
      guard queue < submissions.count, let current = submissions[queue] else {
        return report(.invalidDoorbell, in: &fabric)
      }
      guard current.takesTail(Int(value)) else { return report(.invalidDoorbellValue, in: &fabric) }
      submissions[queue]?.tail = Int(value)
    } else {
      guard queue < completions.count, let current = completions[queue] else {
        return report(.invalidDoorbell, in: &fabric)
      }
      guard current.takesHead(Int(value)) else { return report(.invalidDoorbellValue, in: &fabric) }
      completions[queue]?.head = Int(value)
      if queue == 0 { deliverEvents(in: &fabric) }
    }
    pump(in: &fabric)
  }
}
