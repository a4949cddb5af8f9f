// Fields of messages.
extension TLPHeader {
  /// The Message Code byte as it stands.
  @inlinable
  public var messageCodeByte: UInt8 {
    get { UInt8(truncatingIfNeeded: dw1 & 0xff) }
    set { dw1 = dw1 & ~0xff | UInt32(newValue) }
  }

  /// What a message says, nil for an unknown code.
  public var messageCode: MessageCode? { MessageCode(rawValue: messageCodeByte) }

  /// How a message is routed, nil for the two reserved encodings.
  public var messageRouting: MessageRouting? { MessageRouting(rawValue: formatAndType & 7) }

  /// The vendor that a vendor-defined message belongs to.
  ///
  /// - Source: PCI Express Base 5.0, 2.2.8.6 "Vendor_Defined Messages".
  @inlinable
  public var messageVendorID: UInt16 {
    get { UInt16(truncatingIfNeeded: dw2) }
    set { dw2 = dw2 & 0xffff_0000 | UInt32(newValue) }
  }
}

// Making messages. Nothing here allocates.
extension TLPHeader {
  /// A message with a code's usual routing.
  ///
  /// - Units: `lengthDW` counts the payload, zero for none.
  /// - Source: PCI Express Base 5.0, 2.2.8 "Message Request Rules".
  public static func message(
    _ code: MessageCode, routing: MessageRouting? = nil, requester: FunctionAddress, tag: UInt16 = 0,
    lengthDW: Int = 0, dw2: UInt32 = 0, dw3: UInt32 = 0
  ) -> TLPHeader {
    let route = routing ?? code.routing
    let type: UInt32 = (lengthDW > 0 ? 0b011_10000 : 0b001_10000) | UInt32(route.rawValue)
    let tagBits = UInt32(tag & 0x100) << 11 | UInt32(tag & 0x200) << 14
    return TLPHeader(
      dw0: type << 24 | tagBits | UInt32(truncatingIfNeeded: lengthDW) & 0x3ff,
      dw1: UInt32(requester.rawValue) << 16 | UInt32(tag & 0xff) << 8 | UInt32(code.rawValue), dw2: dw2,
      dw3: dw3)
  }

  /// The answer to a request to forget translations; one completion is all there is.
  ///
  /// - Layout: ITag stands in the low five bits of the request's tag. The completion has Completion Count in
  ///   bits 2:0 of its third DW, and in its fourth a bit for each ITag.
  /// - Source: PCI Express Base 5.0, 10.3.1 "Invalidate Request" and 10.3.2 "Invalidate Completion".
  public static func invalidateCompletion(
    of request: TLPHeader, from completer: FunctionAddress
  ) -> TLPHeader {
    message(
      .invalidateCompletion, requester: completer, dw2: UInt32(request.requesterID.rawValue) << 16 | 1,
      dw3: 1 << UInt32(request.tag & 31))
  }

  /// A vendor-defined message.
  ///
  /// - Layout: `target` counts with routing by ID only; `vendorDW` is the fourth header DW.
  /// - Source: PCI Express Base 5.0, 2.2.8.6 "Vendor_Defined Messages".
  public static func vendorMessage(
    _ code: MessageCode, vendorID: UInt16, routing: MessageRouting, requester: FunctionAddress,
    target: FunctionAddress = FunctionAddress(rawValue: 0), lengthDW: Int = 0, vendorDW: UInt32 = 0
  ) -> TLPHeader {
    message(
      code, routing: routing, requester: requester, lengthDW: lengthDW,
      dw2: (routing == .byID ? UInt32(target.rawValue) << 16 : 0) | UInt32(vendorID), dw3: vendorDW)
  }

  /// A latency tolerance report.
  ///
  /// - Layout: each latency has a value in bits 9:0, a scale in bits 12:10 and the requirement in bit 15.
  /// - Source: PCI Express Base 5.0, 2.2.8.8 "Latency Tolerance Reporting (LTR) Message" and 6.18.
  public static func latencyToleranceReport(
    snoop: UInt16, noSnoop: UInt16, requester: FunctionAddress
  ) -> TLPHeader {
    message(.latencyToleranceReporting, requester: requester, dw3: UInt32(noSnoop) << 16 | UInt32(snoop))
  }
}
