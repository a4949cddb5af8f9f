/// Holds a tree against the descriptions: keys, kinds, forms, scalars and references.
struct ShapeChecker {
  let sink: DiagnosticSink
  /// What references may name; nil where none may stand.
  let scope: ReferenceScope?

  /// Checks a value against its shape; `key` is where messages about the whole value point.
  ///
  /// - Complexity: O(nodes).
  func check(_ node: Node, _ shape: Shape, key: Entry? = nil) {
    if case .refused = node.content { return }
    switch shape {
    case .scalar(let type): checkScalar(node, key) { text throws(Message) in try type.check(text) }
    case .choice(let title, let words):
      checkScalar(node, key) { text throws(Message) in
        if !words.contains(text) { throw .choice(title, text, words) }
      }
    case .object(let id): checkObject(node, Catalogue.object(id), key)
    case .list(let item):
      guard let items = node.items else { return sink.report(.kind(key?.key, "a list", node), at: node.span) }
      for node in items { check(node, item) }
    case .map(let title, let form, let value):
      guard let entries = node.entries else {
        return sink.report(.kind(key?.key, "a map", node), at: node.span)
      }
      for entry in entries {
        if !Self.isLegal(entry.key, form) { sink.report(.freeKey(title, entry.key, form), at: entry.keySpan) }
        check(entry.value, value, key: entry)
      }
    case .scalarOrObject(let type, let id):
      if case .map = node.content { return checkObject(node, Catalogue.object(id), key) }
      checkScalar(node, key) { text throws(Message) in try type.check(text) }
    }
  }

  static func isLegal(_ key: String, _ form: Shape.KeyForm) -> Bool {
    switch form {
    case .name: Scalar.isName(key)
    case .referenceName: Scalar.isReferenceName(key)
    case .variable:
      !key.isEmpty
        && key.utf8.allSatisfy { byte in
          byte == UInt8(ascii: "_") || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
            || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
        }
    }
  }

  private func checkScalar(_ node: Node, _ key: Entry?, _ isLegal: (String) throws(Message) -> Void) {
    guard let text = node.text else {
      return sink.report(.kind(key?.key, "one value", node), at: node.span)
    }
    guard ReferenceScope.isReference(text) else {
      do throws(Message) { try isLegal(text) } catch { sink.report(error, at: node.span) }
      return
    }
    guard let scope else { return sink.report(.referenceOutOfPlace(text), at: node.span) }
    let name = ReferenceScope.name(of: text)
    guard let values = scope.values[name] else {
      return sink.report(
        .unknownReference(text, scope.kind, known: scope.values.keys.sorted()), at: node.span)
    }
    for value in values {
      guard let text = value.text else { continue }
      do throws(Message) { try isLegal(text) } catch {
        sink.report(
          error, at: value.span,
          notes: [.init("used as '\(key?.key ?? name)' at \(node.span.start)", at: node.span)])
      }
    }
  }

  private func checkObject(_ node: Node, _ object: ObjectDescription, _ key: Entry?) {
    let place = key?.keySpan ?? node.span
    guard let entries = node.entries else {
      return sink.report(
        .kind(key?.key ?? object.title, "a map", node, list: object.onlyRequiredList), at: node.span)
    }
    if object.isSingle { checkSingle(entries, object, place) }
    var unknown = 0
    for entry in entries {
      guard let field = object.field(entry.key) else {
        unknown += 1
        sink.report(.unknownKey(entry.key, in: object), at: entry.keySpan)
        continue
      }
      check(entry.value, field.shape, key: entry)
    }
    // A misspelt key is nearly always the one that would be missed next: one message is enough.
    if unknown == 0 { checkCombination(entries, object, place) }
  }

  private func checkSingle(_ entries: [Entry], _ object: ObjectDescription, _ place: SourceSpan) {
    if entries.isEmpty { sink.report(.noVerb(object), at: place) }
    for entry in entries.dropFirst() {
      sink.report(.secondVerb(entry.key, first: entries[0].key, object), at: entry.keySpan)
    }
  }

  private func checkCombination(_ entries: [Entry], _ object: ObjectDescription, _ place: SourceSpan) {
    func entry(_ key: String) -> Entry? { entries.first { $0.key == key } }
    for field in object.fields where field.isRequired && entry(field.name) == nil {
      sink.report(.missingKey(field.name, in: object), at: place)
    }
    for group in object.groups {
      let present = group.keys.compactMap(entry)
      if present.isEmpty, group.isRequired { sink.report(.needsOne(of: group.keys, in: object), at: place) }
      if present.count > 1 {
        sink.report(.excludes(present[1].key, present[0].key, in: object), at: present[1].keySpan)
      }
    }
    guard !object.forms.isEmpty else { return }
    let keyed = object.forms.filter { entry($0.key) != nil }
    guard let form = keyed.first else {
      return sink.report(.needsOne(of: object.forms.map(\.key), in: object), at: place)
    }
    if keyed.count > 1, let second = entry(keyed[1].key) {
      return sink.report(.excludes(second.key, form.key, in: object), at: second.keySpan)
    }
    check(entries, against: form, of: object, place)
  }

  private func check(
    _ entries: [Entry], against form: FormDescription, of object: ObjectDescription, _ place: SourceSpan
  ) {
    let own = form.allKeys
    for entry in entries where object.formKeys.contains(entry.key) && !own.contains(entry.key) {
      let owners = object.forms.filter { $0.allKeys.contains(entry.key) }.map(\.key)
      sink.report(.foreignKey(entry.key, form.key, owners, in: object), at: entry.keySpan)
    }
    let keys = entries.map(\.key)
    for key in form.required where !keys.contains(key) {
      sink.report(.missingKey(key, in: object, beside: form.key), at: place)
    }
    let chosen = entries.filter { form.oneOf.contains($0.key) }
    if chosen.isEmpty, !form.oneOf.isEmpty {
      sink.report(.needsOne(of: form.oneOf, in: object, beside: form.key), at: place)
    }
    if chosen.count > 1 {
      sink.report(.excludes(chosen[1].key, chosen[0].key, in: object), at: chosen[1].keySpan)
    }
    for entry in entries {
      guard let only = form.fixed[entry.key], let text = entry.value.text, text != only else { continue }
      sink.report(.fixed(entry.key, text, only, beside: form.key), at: entry.value.span)
    }
  }
}

extension ObjectDescription {
  /// The key of the only list that has to be there, where there is one.
  fileprivate var onlyRequiredList: String? {
    let lists = fields.filter { field in
      if case .list = field.shape { field.isRequired } else { false }
    }
    return lists.count == 1 ? lists[0].name : nil
  }
}
