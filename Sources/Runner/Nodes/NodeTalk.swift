/// What the steps of a case say to the console of a node, and hear from it, beyond single lines.
struct NodeTalk {
  /// The tag of the last request to the agent in its guest; lines of suites have smaller ones.
  var lastTag = 1_000_000
  /// The tests that a step waits for; nil while none does.
  var tests: NodeTests?
}
