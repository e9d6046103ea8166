import SGBasics
import SGNets

/// An optimizer's form in JSON: `{"adam": {"learning_rate": 0.0002}}`. One row an optimizer.
typealias OptimizerForm = NamedForm<OptimizerSettings>

/// The optimizers that JSON knows.
enum OptimizerForms {
  /// All of them, with Adam's defaults for GANs.
  static let all = all(adam: Adam())

  /// All of them.
  /// - Parameter adam: the defaults of Adam's constants.
  static func all(adam: Adam) -> [OptimizerForm] {
    [
      form(
        "adam", adam,
        "Adam (Kingma & Ba 2015) with decoupled weight decay: a step takes rate times decay off"
          + " each weight.",
        [
          rate(\.learningRate),
          Setting("beta1", \.beta1, .float(in: decays), "Decay of the first moment."),
          Setting(
            "beta2", \.scheduledBeta2, .scheduled(in: decays), "Decay of the second moment."),
          epsilon(\.epsilon), weightDecay(\.weightDecay),
          Setting(
            "amsgrad", \.amsgrad, .bool,
            "Whether the largest second moment so far counts (Reddi et al. 2018)."),
        ]),
      form(
        "sgd", SGD(), "Gradient descent; weight decay times the weight is added to the gradient.",
        [
          rate(\.learningRate), momentum(\.momentum),
          Setting("nesterov", \.nesterov, .bool, "Whether the momentum looks ahead."),
          weightDecay(\.weightDecay),
        ]),
      form(
        "rmsprop", RMSprop(), "RMSprop; weight decay times the weight is added to the gradient.",
        [
          rate(\.learningRate),
          Setting("decay", \.decay, .float(in: decays), "Decay of the mean square."),
          epsilon(\.epsilon), momentum(\.momentum), weightDecay(\.weightDecay),
        ]),
    ]
  }

  /// A rule and the bound on its gradients.
  private struct Bounded: Sendable {
    var rule: any Optimizer
    var norm: Float?
    var value: Float?
  }

  private typealias Path<Root, Value> = any WritableKeyPath<Root, Value> & Sendable

  private static let decays = 0...0.999999

  private static func form<Rule: Optimizer>(
    _ name: String, _ rule: Rule, _ summary: String, _ settings: [Setting<Rule>]
  ) -> OptimizerForm {
    let bound = 1e-30...1e30
    let clipping: [Setting<Bounded>] = [
      Setting(
        "clip_norm", \.norm, .float(orNullIn: bound),
        "The largest norm of a network's gradient; null: none."
      ).written { $0.norm != nil },
      Setting(
        "clip_value", \.value, .float(orNullIn: bound),
        "The largest absolute value of a gradient's element; null: none."
      ).written { $0.value != nil },
    ]
    return OptimizerForm(
      name, Bounded(rule: rule), summary,
      settings.map { $0.lifted(get: { $0.rule as? Rule }, set: { $0.rule = $1 }) } + clipping,
      rules: [
        (
          "not",
          [
            "required": ["clip_norm", "clip_value"],
            "properties": ["clip_norm": ["type": "number"], "clip_value": ["type": "number"]],
          ]
        )
      ],
      check: { (own, path) throws(Failure) in
        guard own.norm == nil || own.value == nil else {
          throw Failure(
            .configuration, "\(path): expected clip_norm or clip_value, found both")
        }
      }
    ) { own in
      if let norm = own.norm { return OptimizerSettings(own.rule, clipping: .norm(norm)) }
      if let value = own.value { return OptimizerSettings(own.rule, clipping: .value(value)) }
      return OptimizerSettings(own.rule)
    } find: { settings in
      guard let rule = settings.rule as? Rule else { return nil }
      switch settings.clipping {
      case .none: return Bounded(rule: rule)
      case .norm(let limit): return Bounded(rule: rule, norm: limit)
      case .value(let limit): return Bounded(rule: rule, value: limit)
      }
    }
  }

  private static func rate<Root>(_ path: Path<Root, Float>) -> Setting<Root> {
    Setting("learning_rate", path, .float(in: 0...1e30), "The rate, before the schedule's factor.")
  }
  private static func epsilon<Root>(_ path: Path<Root, Float>) -> Setting<Root> {
    Setting("epsilon", path, .float(in: 1e-30...1), "What is added to the divisor.")
  }
  private static func momentum<Root>(_ path: Path<Root, Float>) -> Setting<Root> {
    Setting("momentum", path, .float(in: decays), "Share of the last step in the next.")
  }
  private static func weightDecay<Root>(_ path: Path<Root, Float>) -> Setting<Root> {
    Setting("weight_decay", path, .float(in: 0...1), "What pulls weights towards 0.")
  }
}

extension OptimizerSettings {
  /// The complete JSON form; that of an optimizer of the user's own is its description.
  var json: JSON {
    for form in OptimizerForms.all {
      if let json = form.json(self) { return json }
    }
    return .code(self)
  }
}
