import Endpoints
import LinkBroker
import SuiteLanguage

/// Where the nodes of a case come from.
///
/// The product's models are the defaults; whoever tests the harness itself puts models in their place that
/// react wrongly.
protocol NodeSource: Sendable {
  /// Makes the model of an endpoint.
  ///
  /// - Throws: what is wrong with its settings.
  func endpoint(
    _ name: String, _ settings: ModelSettings, seed: UInt64
  ) throws(TopologyError) -> any BusMasteringEndpoint

  /// What the fabric is to see of a node: the node itself, or something that stands before it.
  func node(_ model: any FabricNode, named name: String) -> any FabricNode

  /// Changes the fabric before anything travels on it.
  func prepare(_ fabric: inout Fabric)
}

extension NodeSource {
  func endpoint(
    _ name: String, _ settings: ModelSettings, seed: UInt64
  ) throws(TopologyError) -> any BusMasteringEndpoint {
    try EndpointBuilder.endpoint(name, settings, seed: seed)
  }

  func node(_ model: any FabricNode, named name: String) -> any FabricNode { model }

  func prepare(_ fabric: inout Fabric) {}
}

/// The models of the product, as they are.
struct ProductNodes: NodeSource {}
