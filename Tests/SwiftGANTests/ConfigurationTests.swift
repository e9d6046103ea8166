import SwiftGAN
import Testing

@Suite struct ConfigurationTests {
  private func configuration(_ text: String) throws -> Configuration {
    try Configuration(json: JSON(parsing: text))
  }

  @Test func defaults() throws {
    let c = try configuration(#"{"data": {"shape": [28, 28, 1]}}"#)
    #expect(c.latent == Prior(size: 100, distribution: .normal))
    #expect(c.range == ValueRange(-1, 1))
    #expect(
      c.schedule == UpdateSchedule(update: .alternating, discriminatorSteps: 1, generatorSteps: 1))
    #expect(c.objective.name == "non_saturating")
    #expect(c.seed == 1 && c.average == 0 && c.learningRate == .constant)
    let adam = try #require(c.generatorOptimizer.rule as? Adam)
    #expect(adam.learningRate == 0.0002 && adam.beta1 == 0.5 && adam.beta2 == 0.999)
    guard case .dcgan(64) = c.generator else { Issue.record("\(c.generator)"); return }
    guard case .mlp(128, 2) = try configuration(#"{"data": {"shape": [2]}}"#).discriminator else {
      Issue.record("not the default")
      return
    }
  }

  /// What is written is read as the same, every layer, optimizer and schedule included.
  @Test func roundTrip() throws {
    let texts = [
      #"{"data": {"shape": [2]}}"#,
      #"""
      {"data": {"shape": [8, 8, 2], "range": [0, 1], "classes": 3}, "latent": {"size": 7, "distribution": "uniform"},
       "generator": {"layers": [{"dense": {"units": 32, "bias": false, "initializer": {"orthogonal": 1.5}}},
         {"reshape": [4, 4, 2]}, {"upsample": 2}, {"conv": {"channels": 2, "kernel": [3, 5], "padding": [1, 2]}},
         "batch_norm", {"residual": [{"conv": 2}, "silu"]}, {"elu": 0.5},
         {"conv_transpose": {"channels": 2, "kernel": 3, "stride": 1, "padding": 1, "initializer": {"truncated_normal": 0.1}}},
         "softplus", {"scale": {"factor": 0.5, "offset": 0.25}}]},
       "discriminator": {"layers": [{"conv": {"channels": 4, "padding": "valid", "initializer": "he"}}, {"leaky_relu": 0.3},
         {"average_pool": 2}, {"layer_norm": {"epsilon": 0.001}}, {"sequence": ["flatten", {"dropout": 0.1}]},
         {"dense": {"units": 1, "initializer": "zeros"}}]},
       "objective": "minimax", "label_smoothing": {"real": 0.1}, "schedule": {"update": "simultaneous",
       "discriminator_steps": 3, "generator_steps": 2}, "optimizer": {"generator": {"rmsprop": {"clip_value": 0.01}},
       "discriminator": {"sgd": {"momentum": 0.9, "nesterov": true, "clip_norm": 2}}},
       "learning_rate": {"step": {"every": 10, "factor": 0.5}}, "average": 0.99, "seed": 77}
      """#,
    ]
    for text in texts {
      let first = try configuration(text)
      let written = first.json.text(pretty: true)
      let second = try configuration(written)
      #expect(first == second)
      #expect(second.json.text(pretty: true) == written)
      _ = try GAN(second)
    }
  }

  /// Radford et al. 2015: four-fold maps, channels halving towards the image.
  @Test(arguments: [(16, 4, 2), (28, 7, 2), (32, 4, 3), (64, 4, 4), (128, 4, 5)])
  func presetShapes(_ side: Int, _ base: Int, _ doublings: Int) throws {
    let model = try GAN(
      Configuration(
        shape: [side, side, 3], generator: .dcgan(width: 4), discriminator: .dcgan(width: 4)))
    #expect(model.sampleShape == [side, side, 3])
    let g = model.networks.generator.parameterRows.filter {
      $0.name.hasSuffix("weight") && $0.shape.rank == 4
    }
    #expect(g.count == doublings + 1)
    #expect(g[0].shape == [base, base, 4 << (doublings - 1), 100])
    for level in 1..<doublings {
      #expect(g[level].shape == [4, 4, 4 << (doublings - 1 - level), 4 << (doublings - level)])
    }
    #expect(g[doublings].shape == [4, 4, 3, 4])
    let d = model.networks.discriminator.parameterRows.filter { $0.shape.rank == 4 }
    #expect(d[0].shape == [4, 4, 3, 4])
    #expect(d[doublings].shape == [base, base, 4 << (doublings - 1), 1])
  }

  @Test func rangesEndTheGenerator() throws {
    for (range, low, high) in [("[0, 1]", 0, 1), ("[-1, 1]", -1, 1), ("[10, 14]", 10, 14)]
      as [(String, Float, Float)]
    {
      let model = try GAN(
        configuration(
          #"{"data": {"shape": [3], "range": \#(range)}, "latent": {"size": 2}, "generator": "mlp"}"#
        ))
      let z = RandomKey(seed: 1, stream: 1, step: 0).normal([50, 2], deviation: 1000)
      let values = try model.sample(latents: z).array
      #expect(values.allSatisfy { (low...high).contains($0) })
      #expect(values.max()! > (low + high) / 2 && values.min()! < (low + high) / 2)
    }
  }
}
