// The MLP's step against PyTorch's C++ library: no Python, no modules; autograd asked only for what moves, one fused Adam a player.
//
//   libtorch NUMBERS BATCH LATENTS WIDTH RATE BETA1 BETA2

#include <torch/torch.h>

#include "rival.h"

using torch::Tensor;
using Tensors = std::vector<Tensor>;

struct Player {
  Tensors parameters, first, second, steps;

  /// A dense layer for each two of `units` that follow one another.
  Player(Numbers &numbers, const std::vector<int64_t> &units) {
    for (size_t i = 0; i + 1 < units.size(); i++) {
      add(numbers, {units[i + 1], units[i]});
      add(numbers, {units[i + 1]});
    }
  }

  void add(Numbers &numbers, torch::IntArrayRef shape) {
    Tensor p = torch::empty(shape);
    numbers.read(p.data_ptr<float>(), p.numel());
    parameters.push_back(p.set_requires_grad(true));
    first.push_back(torch::zeros(shape));
    second.push_back(torch::zeros(shape));
    steps.push_back(torch::zeros({}));
  }

  /// The network of dense layers with an activation between two.
  template <typename Activation> Tensor operator()(Tensor x, Activation activation) const {
    for (size_t i = 0; i < parameters.size(); i += 2) {
      x = torch::linear(x, parameters[i], parameters[i + 1]);
      if (i + 2 < parameters.size()) x = activation(x);
    }
    return x;
  }

  void descend(const Tensor &cost, double rate, double beta1, double beta2) {
    const Tensors gradients = torch::autograd::grad({cost}, parameters);
    torch::NoGradGuard guard;
    for (Tensor &t : steps) t.add_(1);
    at::_fused_adam_(parameters, gradients, first, second, {}, steps, rate, beta1, beta2, 0, 1e-8, false,
                     false);
  }
};

int main(int count, char **arguments) {
  if (count != 8) Numbers::fail("seven arguments are needed");
  Numbers numbers(arguments[1]);
  const int64_t batch = std::atol(arguments[2]), latents = std::atol(arguments[3]),
                width = std::atol(arguments[4]);
  const double rate = std::atof(arguments[5]), beta1 = std::atof(arguments[6]),
               beta2 = std::atof(arguments[7]);
  Player G(numbers, {latents, width, width, 2}), D(numbers, {2, width, width, 1});
  Tensor data = torch::empty({2, batch, 2}), given = torch::empty({3, batch, latents});
  numbers.read(data.data_ptr<float>(), data.numel());
  numbers.read(given.data_ptr<float>(), given.numel());
  torch::manual_seed(1);

  const auto generate = [&](const Tensor &z) { return G(z, [](const Tensor &x) { return torch::relu(x); }); };
  const auto judge = [&](const Tensor &x) {
    return D(x, [](const Tensor &x) { return torch::leaky_relu(x, 0.2); });
  };
  const auto step = [&](const Tensor &real, const Tensor &z) {
    const Tensor fake = generate(z);
    const Tensor d =
        0.5 * torch::softplus(-judge(real)).mean() + 0.5 * torch::softplus(judge(fake.detach())).mean();
    D.descend(d, rate, beta1, beta2);
    const Tensor g = 0.5 * torch::softplus(-judge(fake)).mean();
    G.descend(g, rate, beta1, beta2);
    return std::make_pair(d, g);
  };
  serve(
      [&](int i) {
        const auto [d, g] = step(data[i % 2], given[i]);
        return std::make_pair(d.item<double>(), g.item<double>());
      },
      [&](int i) {
        step(data[i], torch::randn({batch, latents}));
      });
}
