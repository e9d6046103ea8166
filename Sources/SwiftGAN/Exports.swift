@_exported import Nets
@_exported import Tensors
