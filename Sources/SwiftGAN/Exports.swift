// The package as its users see it: `import SwiftGAN`.
@_exported import SGBasics
@_exported import SGData
@_exported import SGExchange
@_exported import SGFormats
@_exported import SGMetrics
@_exported import SGModels
@_exported import SGNets
@_exported import SGPictures
@_exported import SGTensors
