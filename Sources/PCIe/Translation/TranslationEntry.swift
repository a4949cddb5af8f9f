/// What a translation completion says of the page that was asked for.
///
/// - Layout: 64 bits, most significant byte first: translated address in bits 63:12, S in bit 11 (the page is
///   larger than 4 KiB, by the number of ones from bit 12 on), N 10, Global 5, Priv 4, Exe 3, U 2, W 1, R 0.
/// - Source: PCI Express Base 5.0, 10.2.3 "Translation Completion".
public struct TranslationEntry: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt64

  /// The entry as it stands in the completion.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// An entry for a page of 4 KiB.
  public init(page: UInt64, isReadable: Bool, isWritable: Bool) {
    rawValue = page << 12 | (isReadable ? 1 : 0) | (isWritable ? 2 : 0)
  }

  /// R: reads may go by the translation.
  public var isReadable: Bool { rawValue & 1 != 0 }
  /// W: writes may.
  public var isWritable: Bool { rawValue & 2 != 0 }
  /// Only requests that are not translated reach the page.
  public var isUntranslatedOnly: Bool { rawValue & 4 != 0 }

  /// The number of the page of 4 KiB that a page of 4 KiB stands for.
  public func page(of untranslated: UInt64) -> UInt64 {
    let span = TranslationSpan(rawValue)
    return rawValue >> 12 & ~span.mask | untranslated & span.mask
  }
}

/// How many pages of 4 KiB an address with a size in its low bits stands for.
///
/// - Source: PCI Express Base 5.0, 10.2.3.2 "Translation Range Size (S) Field".
struct TranslationSpan {
  /// The low bits of page numbers that the size takes.
  let mask: UInt64

  init(_ address: UInt64) {
    guard address & 1 << 11 != 0 else {
      mask = 0
      return
    }
    let ones = UInt64(min(51, (~(address >> 12)).trailingZeroBitCount))
    mask = 1 << (ones + 1) - 1
  }
}

/// The pages whose translations an invalidate request takes away.
///
/// - Layout: 64 bits, most significant byte first: address in bits 63:12, S in bit 11 as in translations,
///   Global Invalidate in bit 0.
/// - Source: PCI Express Base 5.0, 10.3.1 "Invalidate Request".
public struct InvalidatedRange: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt64

  /// The body of the request.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Some pages of 4 KiB of the address space of requests without a PASID; a power of two, and the first page
  /// a multiple of it.
  public init(firstPage: UInt64, count: UInt64) {
    rawValue = firstPage << 12 | (count > 1 ? (count / 2 - 1) << 12 | 1 << 11 : 0)
  }

  /// Of every address space.
  public var isGlobal: Bool { rawValue & 1 != 0 }

  /// Whether a page of 4 KiB is one of them.
  public func contains(page: UInt64) -> Bool {
    let span = TranslationSpan(rawValue)
    return page & ~span.mask == rawValue >> 12 & ~span.mask
  }
}

extension TLPHeader {
  /// Asks for the translation of a page of 4 KiB, to read and to write.
  ///
  /// - Source: PCI Express Base 5.0, 10.2.2 "Translation Requests".
  public static func translationRequest(
    page: UInt64, requester: FunctionAddress, tag: UInt16
  ) -> TLPHeader {
    var header = TLPHeader.memoryRead(address: page << 12, bytes: 8, requester: requester, tag: tag)
    header.addressType = Self.translationRequestType
    return header
  }

  /// The address type of a translation request, and that of a request whose address has been translated.
  ///
  /// - Source: PCI Express Base 5.0, table 10-1 "Address Type (AT) Field Encodings".
  public static let translationRequestType: UInt8 = 1
  public static let translatedType: UInt8 = 2
}
