import ArgumentParser
import SwiftGAN

struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Takes models to PyTorch and ONNX, and from PyTorch.",
    discussion: """
      PyTorch's side is a safetensors file of one network's state_dict; \
      bindings/python/torch_to_safetensors.py makes one of a .pt file.

        swiftgan convert model.safetensors netG.safetensors --to pytorch
        swiftgan convert model.safetensors generator.onnx --to onnx
        swiftgan convert netG.safetensors model.safetensors --to swiftgan --discriminator netD.safetensors
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case pytorch, onnx, swiftgan }

  @Argument(
    help:
      """
      A checkpoint or a run's folder; with --to swiftgan the safetensors file of a PyTorch \
      generator.
      """
  )
  var input: String

  @Argument(help: "The file to write.")
  var out: String

  @Option(help: "What to write: pytorch, onnx or swiftgan.")
  var to: Format

  @Option(
    help:
      """
      Which network to take, such as generator, discriminator, decoder or encoder; by default the \
      one that makes samples.
      """
  )
  var network: String?

  @Option(help: "In front of PyTorch's names.")
  var prefix = "main."

  @Option(help: "With --to swiftgan: the PyTorch discriminator's safetensors file.")
  var discriminator: String?

  @Option(
    help:
      """
      With --to swiftgan: a checkpoint whose configuration it takes. Without: PyTorch's DCGAN \
      example.
      """
  )
  var like: String?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if to != .swiftgan, discriminator != nil || like != nil {
      throw ValidationError("--discriminator and --like go with --to swiftgan")
    }
  }

  func run() throws {
    try reporting {
      try expectEnding(out, to == .onnx ? "onnx" : "safetensors")
      switch to {
      case .pytorch:
        try exported().exportTorch(network, to: out, prefix: prefix)
      case .onnx: try exported().exportONNX(network, to: out)
      case .swiftgan:
        let configuration =
          try like.map { path throws(Failure) in
            Families.configuration(
              of: try LoadedModel.with("export", as: (any Exporting).self, path))
          } ?? Configuration(torchGenerator: input, discriminator: discriminator).json
        guard let model = try Families.create(configuration) as? any Exporting else {
          throw Failure(.unsupported, "--like: the model's weights cannot be read from PyTorch")
        }
        try model.importTorch(from: input)
        if let discriminator {
          try model.importTorch("discriminator", from: discriminator)
        }
        try Checkpoint.write(model.snapshot(), to: out)
      }
      output.written([out])
    }
  }

  private func exported() throws(Failure) -> any Exporting {
    try LoadedModel.with("export", as: (any Exporting).self, input)
  }
}
