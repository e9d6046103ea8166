import SGBasics
import SGFormats
import SGModels
import SGNets
import SGTensors

extension Exporting {
  /// Writes one network's weights as a safetensors file whose names, axes and order of elements
  /// `load_state_dict` of an `nn.Sequential` of the same layers takes. Weights are the averaged
  /// ones if there are such. Normalized weights are written as plain ones. Where the model
  /// standardizes vectors, the network of the file sees and makes standardized ones, which a
  /// warning says; the columns' offsets and factors are lists of numbers in the file's metadata.
  /// - Parameters:
  ///   - network: one of `networkNames`; nil: the one that makes samples.
  ///   - path: of the file.
  ///   - prefix: in front of every name; `main.` as in PyTorch's own DCGAN example.
  /// - Throws: `Failure` of kind unsupported, which names the layer, or io.
  public func exportTorch(
    _ network: String? = nil, to path: String, prefix: String = "main."
  ) throws(Failure) {
    try Memory.checked { () throws(Failure) in
      let trained = try found(network)
      let tensors = try trained.torchForms().forms.filter { $0.name != "gain" }.map { form in
        (
          name: "\(prefix)\(form.module).\(form.name)",
          value: form.exported(trained.tensor(form))
        )
      }
      let units = trained.standardization.texts
      if !units.isEmpty {
        Log.warning(
          "\(path): this network's vectors are standardized, x = offset + factor * network's; weights"
            + " cannot say so, so apply it yourself: the file's metadata has"
            + " \(units.keys.sorted().joined(separator: ", "))")
      }
      try Safetensors.write(
        tensors, metadata: ["format": "pt"].merging(units) { $1 }, to: path)
    }
  }

  /// Replaces one network's weights by those of a PyTorch model. Its modules with weights must be
  /// those of the network, in the same order by name (numbers as numbers); nothing has changed if
  /// it fails. Optimizers keep their state. Where a weight is normalized it must be so there, by
  /// PyTorch's `weight_norm` over the outputs (the older or the one of `parametrizations`); under
  /// `SpectralNorm` a plain weight is read, which the layer goes on to normalize. A model that
  /// standardizes vectors goes on doing so, and one without a step begins when it is first trained
  /// on a data set; `standardize` false keeps it from that.
  /// - Parameters:
  ///   - network: one of `networkNames`; nil: the one that makes samples.
  ///   - path: of a safetensors file.
  ///   - prefix: of the names that are read; others are passed over.
  /// - Throws: `Failure` of a file's kinds; mismatch, which names tensor and layer; unsupported.
  public func importTorch(
    _ network: String? = nil, from path: String, prefix: String = ""
  ) throws(Failure) {
    try Memory.checked { () throws(Failure) in
      let trained = try found(network)
      let theirs = try TorchModules(path, prefix: prefix)
      let all = try trained.torchForms()
      if step == 0, let name = all.decidedByFirstBatch.first {
        throw Failure(
          .unsupported,
          "\(trained.name).\(name): the first step would replace what is read; expected weight_norm"
            + " with first_batch false")
      }
      let own = Set(tensors.map(\.name))
      var new: [String: Tensor] = [:]
      var modules: [String] = []
      for form in all.forms.sorted(by: { naturallyPrecedes($0.module, $1.module) }) {
        if modules.last != form.module { modules.append(form.module) }
        let value = try theirs.tensor(
          module: modules.count - 1, form, for: "\(trained.name).\(form.layer)")
        let ours = form.imported(value, as: trained.tensor(form).shape)
        for name in [trained.name, trained.name + "_average"] {
          let name = "\(name).\(form.layer).\(form.name)"
          if own.contains(name) { new[name] = ours }
        }
      }
      try theirs.expectAllUsed()
      for name in [trained.name, trained.name + "_average"] {
        let prefix = name + "."
        var all: [String: Tensor] = [:]
        for (name, value) in tensors where name.hasPrefix(prefix) {
          all[String(name.dropFirst(prefix.count))] = new[name] ?? value
        }
        for (name, value) in trained.network.settled(all) { new[prefix + name] = value }
      }
      try setTensors(new)
    }
  }
}

extension TrainedNetwork {
  fileprivate func torchForms() throws(Failure) -> TorchForms {
    do throws(Inexpressible) {
      return try TorchForms(network)
    } catch {
      throw failure(error)
    }
  }

  fileprivate func tensor(_ form: TorchForm) -> Tensor {
    guard let found = tensors["\(form.layer).\(form.name)"] else {
      preconditionFailure("layer \(form.layer) has no \(form.name)")
    }
    return found
  }
}
