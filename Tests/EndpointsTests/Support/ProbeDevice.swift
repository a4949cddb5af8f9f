import LinkBroker
import PCIe
import Simulation

@testable import Endpoints

/// A device that answers as a test tells it and remembers what it was asked.
final class ProbeDevice: BusMasteringEndpoint {
  let function: Function
  var response = BarResponse.done
  /// Bytes from the start of any BAR.
  var memory = [UInt8](repeating: 0, count: 8192)
  var reads: [BarRange] = []
  var writes: [BarRange] = []
  var resets: [ResetKind] = []
  var ended: [RequestOperation] = []
  /// The reads after this many end with the response.
  var goodReads = Int.max

  init(_ change: (inout FunctionConfiguration) -> Void = { _ in }) throws(EndpointError) {
    var header = HeaderLayout(
      vendorID: 0xabcd, deviceID: 0x1234, classCode: 0xff_0000,
      bars: [
        BarLayout(index: 0, bytes: 4096, kind: .memory32(prefetchable: false)),
        BarLayout(index: 2, bytes: 16, kind: .io),
      ])
    header.interruptPin = 2
    var configuration = FunctionConfiguration(header: header)
    change(&configuration)
    function = try Function(configuration)
  }

  func readBar(
    _ range: BarRange, into payload: PayloadReference, at place: Int, in fabric: inout Fabric
  ) -> BarResponse {
    reads.append(range)
    guard reads.count <= goodReads, response == .done || goodReads != .max else { return response }
    fabric.payloads.write(memory, from: range.offset, count: range.count, to: payload, at: place)
    return .done
  }

  func writeBar(
    _ range: BarRange, from payload: PayloadReference, at place: Int, in fabric: inout Fabric
  ) -> BarResponse {
    writes.append(range)
    guard response == .done else { return response }
    fabric.payloads.read(payload, from: place, count: range.count, to: &memory, at: range.offset)
    return .done
  }

  func functionReset(_ kind: ResetKind, in fabric: inout Fabric) { resets.append(kind) }
  func transferEnded(_ operation: RequestOperation, in fabric: inout Fabric) { ended.append(operation) }
}

typealias ProbeBench = DeviceBench<ProbeDevice>

let barAddress: UInt64 = 0x9000_0000

/// What the AER registers of a function show.
extension Function {
  var aer: (uncorrectable: UInt32, correctable: UInt32, first: UInt32, log: [UInt32]) {
    typealias Register = AdvancedErrorReportingCapability.Register
    guard let place = space.places.advancedErrorReporting else { return (0, 0, 0, []) }
    return (
      space.doubleWord(place + Register.uncorrectableStatus),
      space.doubleWord(place + Register.correctableStatus), space.doubleWord(place + Register.control) & 0x1f,
      (0..<4).map { space.doubleWord(place + Register.headerLog + $0 * 4) }
    )
  }
}

extension DeviceBench where Device: Endpoint {
  typealias AER = AdvancedErrorReportingCapability.Register

  mutating func writeAER(_ register: Int, _ value: UInt32) {
    guard let place = function.space.places.advancedErrorReporting else { return }
    configurationWrite(place + register, value)
  }

  /// Switches error messages on and off: bits 0 to 3 for correctable, non-fatal, fatal, unsupported request.
  mutating func enableMessages(_ bits: UInt32) {
    guard let place = function.space.places.express else { return }
    configurationWrite(place + 8, 0x2830 & ~0xf | bits)
  }
}
