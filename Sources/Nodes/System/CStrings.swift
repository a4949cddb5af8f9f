import Glibc

/// Strings as a C function takes them that wants several: a list of pointers that ends with nil.
@safe struct CStrings: ~Copyable {
  private var pointers: UnsafeMutableBufferPointer<UnsafeMutablePointer<CChar>?>

  init(_ strings: [String]) {
    unsafe pointers = .allocate(capacity: strings.count + 1)
    for (index, string) in strings.enumerated() {
      unsafe pointers.initializeElement(at: index, to: strdup(string))
    }
    unsafe pointers.initializeElement(at: strings.count, to: nil)
  }

  /// The list, which lives as long as this value.
  var list: UnsafePointer<UnsafeMutablePointer<CChar>?>? { unsafe UnsafePointer(pointers.baseAddress) }

  deinit {
    for index in unsafe pointers.indices { unsafe free(pointers[index]) }
    unsafe pointers.deallocate()
  }
}
