/// What may stand under a key.
indirect enum Shape: Sendable {
  case scalar(ScalarType)
  /// One of fixed words, under a title for messages.
  case choice(String, [String])
  case object(ObjectID)
  case list(Shape)
  /// A map whose keys are names that the author chooses; the title says what they name.
  case map(String, KeyForm, Shape)
  case scalarOrObject(ScalarType, ObjectID)

  /// The form of free keys.
  enum KeyForm: Sendable {
    case name
    /// A name that a reference can carry.
    case referenceName
    /// An environment variable.
    case variable
  }
}

/// One key of an object.
struct FieldDescription: Sendable {
  var name: String
  var shape: Shape
  var isRequired: Bool
  var help: String
  /// The version of the program that introduced the key.
  var since: String

  init(_ name: String, _ shape: Shape, required: Bool = false, since: String = "0.1.0", _ help: String) {
    self.name = name
    self.shape = shape
    self.isRequired = required
    self.help = help
    self.since = since
  }
}

/// One of several ways to fill an object, chosen by the key that only it has.
struct FormDescription: Sendable {
  /// The key that chooses the form.
  var key: String
  var required: [String] = []
  var optional: [String] = []
  /// Of these exactly one must stand.
  var oneOf: [String] = []
  /// Keys with the only value they may have in this form.
  var fixed: [String: String] = [:]

  var allKeys: [String] { [key] + required + optional + oneOf }
}

/// Keys that exclude each other.
struct GroupDescription: Sendable {
  var keys: [String]
  /// True when one of them must stand.
  var isRequired: Bool
}

/// The one description of an object, verb or fault: it drives loader, JSON schema, help and documentation.
final class ObjectDescription: Sendable {
  let id: ObjectID
  let help: String
  let fields: [FieldDescription]
  /// Empty when every key may stand beside every other.
  let forms: [FormDescription]
  let groups: [GroupDescription]
  /// True when exactly one key must stand, as in a step.
  let isSingle: Bool
  /// The keys that belong to some form.
  let formKeys: Set<String>
  private let indexes: [String: Int]

  init(
    _ id: ObjectID, _ help: String, _ fields: [FieldDescription], forms: [FormDescription] = [],
    groups: [GroupDescription] = [], isSingle: Bool = false
  ) {
    self.id = id
    self.help = help
    self.fields = fields
    self.forms = forms
    self.groups = groups
    self.isSingle = isSingle
    formKeys = Set(forms.flatMap(\.allKeys))
    indexes = Dictionary(uniqueKeysWithValues: fields.enumerated().map { ($0.element.name, $0.offset) })
  }

  /// The word for the object in messages.
  var title: String { id.title }

  /// The key of that name.
  ///
  /// - Complexity: O(1).
  func field(_ name: String) -> FieldDescription? { indexes[name].map { fields[$0] } }
}
