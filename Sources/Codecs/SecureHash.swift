import CCrypto

/// SHA-256 by libcrypto, fed piece by piece.
///
/// - Source: FIPS 180-4, 6.2 "SHA-256".
@safe public final class SecureHash {
  /// The length of a digest.
  public static let byteCount = 32

  private let context: OpaquePointer?

  /// Starts a digest.
  public init() {
    unsafe context = EVP_MD_CTX_new()
    _ = unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil)
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  /// Takes the first bytes of an array in.
  public func update(_ bytes: [UInt8], count: Int) {
    _ = unsafe bytes.withUnsafeBufferPointer { unsafe EVP_DigestUpdate(context, $0.baseAddress, count) }
  }

  /// The digest of all bytes so far, which ends the use of the object.
  public func finish() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Self.byteCount)
    _ = unsafe digest.withUnsafeMutableBufferPointer {
      unsafe EVP_DigestFinal_ex(context, $0.baseAddress, nil)
    }
    return digest
  }

  /// The digest of an array.
  public static func whole(_ bytes: [UInt8]) -> [UInt8] {
    let hash = SecureHash()
    hash.update(bytes, count: bytes.count)
    return hash.finish()
  }
}
