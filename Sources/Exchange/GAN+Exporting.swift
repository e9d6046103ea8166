import SGBasics
import SGModels

extension GAN: Exporting {
  public static let networkNames = NetworkRole.allCases.map(\.rawValue)

  private func role(_ name: String) throws(Failure) -> NetworkRole {
    guard let role = NetworkRole(rawValue: name) else {
      throw Failure(
        .argument,
        "network: expected one of \(Self.networkNames.joined(separator: ", ")), found"
          + " \"\(name.shown)\"")
    }
    return role
  }

  public func exportONNX(network: String, to path: String) throws(Failure) {
    try exportONNX(role(network), to: path)
  }

  public func exportTorch(network: String, to path: String, prefix: String) throws(Failure) {
    try exportTorch(role(network), to: path, prefix: prefix)
  }

  public func importTorch(network: String, from path: String, prefix: String) throws(Failure) {
    try importTorch(role(network), from: path, prefix: prefix)
  }
}
