import LinkBroker
import PCIe
import Testing

@testable import Endpoints

/// MSI-X tables of more vectors than a word has bits.
@Suite struct MSIXTableTests {
  @Test func everyPendingVectorIsFoundOnceItsMaskIsLifted() {
    let capability = MSIXCapability(
      vectorCount: 200, tableBar: 0, tableOffset: 0, pbaBar: 0, pbaOffset: 4096)
    var table = MSIXTable(capability, ownsBar: true)
    for vector in [0, 63, 64, 65, 128, 199] { table.setPending(vector, true) }
    #expect(table.deliverable(in: 0..<200) == nil)
    var fabric = Fabric()
    let payload = fabric.payloads.take(bytes: 4)
    fabric.payloads.setWord(payload, to: 0)
    for vector in [0, 1, 64, 65, 128, 199] {
      #expect(
        table.write(at: vector * 16 + 12, count: 4, from: payload, at: 0, in: &fabric) == vector..<vector + 1)
    }
    #expect(table.isMasked(63) && !table.isMasked(64))
    #expect(table.deliverable(in: 1..<64) == nil && table.deliverable(in: 65..<66) == 65)
    var found: [Int] = []
    while let vector = table.deliverable(in: 0..<200), found.count < 10 {
      found.append(vector)
      table.setPending(vector, false)
    }
    #expect(found == [0, 64, 65, 128, 199])
    table.reset()
    #expect(table.isMasked(0) && table.address(of: 0) == 0 && !table.isPending(63))
  }
}
