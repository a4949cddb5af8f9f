import RunEvents
import Runner
import SuiteLanguage

extension Listing {
  /// One object: the version of this form, and the suites with their cases.
  var json: String {
    var json = JSONWriter()
    json.beginObject()
    json.key("version")
    json.integer(1)
    json.key("suites")
    json.beginArray()
    for suite in suites.indices { write(suite, to: &json) }
    json.endArray()
    json.endObject()
    json.newline()
    return String(decoding: json.bytes, as: UTF8.self)
  }

  private func write(_ index: Int, to json: inout JSONWriter) {
    let suite = suites[index].plan.suite
    json.beginObject()
    json.text("name", suite.name)
    json.text("path", suites[index].path)
    json.text("about", suite.about)
    json.key("cases")
    json.beginArray()
    for place in cases where place.suite == index { write(place, to: &json) }
    json.endArray()
    json.endObject()
  }

  private func write(_ place: SelectedCase, to json: inout JSONWriter) {
    let plan = suites[place.suite].plan
    let instance = plan.instances[place.instance]
    let settings = instance.settings
    json.beginObject()
    json.text("id", instance.id)
    json.text("case", instance.caseName)
    json.text("about", settings.about)
    json.key("matrix")
    json.beginObject()
    for value in instance.assignment { json.text(value.key, value.value) }
    json.endObject()
    json.texts("tags", settings.tags)
    json.number("line", instance.span.start.line)
    json.number("column", instance.span.start.column)
    json.number("timeout_ms", Int(settings.timeout.nanoseconds / 1_000_000))
    json.number("seeds", settings.seedCount)
    json.number("retries", settings.retries)
    json.flag("slow", settings.isSlow)
    json.flag("exclusive", settings.isExclusive)
    json.text("known_failure", settings.knownFailure?.reason)
    json.text("skip", place.skipReason)
    json.texts("raised_to_data_link", instance.raisedLinks)
    json.texts("needs_unbuilt", instance.requiresUnbuilt)
    json.endObject()
  }
}
