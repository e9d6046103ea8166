/// The library's version.
public let swiftGANVersion = "0.1.0"
