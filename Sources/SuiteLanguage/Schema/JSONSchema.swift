/// The JSON schemas of suite and board files, for editors.
///
/// - Source: JSON Schema, draft 2020-12.
public enum JSONSchema {
  /// The text of `Suites/suite.schema.json`.
  public static var suite: String {
    SchemaWriter().document(.suite, title: "pcie-harness suite").prettyText
  }

  /// The text of `Boards/board.schema.json`.
  public static var board: String {
    SchemaWriter().document(.board, title: "pcie-harness board").prettyText
  }
}
