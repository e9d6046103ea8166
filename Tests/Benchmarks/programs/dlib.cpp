// The step of a DCGAN of 28 x 28 gray pixels with dlib, the one other library with a DCGAN that a program can link.
//
//   dlib NUMBERS BATCH LATENTS WIDTH RATE BETA1 BETA2

#include <dlib/dnn.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "rival.h"

namespace {

constexpr int Latents = 100, Width = 64;

// PyTorch's constants and no biases, as in the other rivals' networks.
template <long channels, int kernel, int stride, int padding>
struct Down : dlib::con_<channels, kernel, kernel, stride, stride, padding, padding> {
  Down() { this->disable_bias(); }
};
template <long channels, int kernel, int stride, int padding>
struct Up : dlib::cont_<channels, kernel, kernel, stride, stride, padding, padding> {
  Up() { this->disable_bias(); }
};
struct Norm : dlib::bn_<dlib::CONV_MODE> {
  Norm() : bn_(100, 1e-5) {}
};
struct Leaky : dlib::leaky_relu_ {
  Leaky() : leaky_relu_(0.2f) {}
};

template <typename Layer, typename Below> using On = dlib::add_layer<Layer, Below>;
template <long channels, int kernel, int stride, int padding, typename Below>
using UpNormed = dlib::relu<On<Norm, On<Up<channels, kernel, stride, padding>, Below>>>;

template <int channels> using Images = dlib::input<std::array<dlib::matrix<float>, channels>>;
using Generator =
    dlib::htan<On<Up<1, 4, 2, 1>, UpNormed<Width, 4, 2, 1, UpNormed<2 * Width, 7, 1, 0, Images<Latents>>>>>;
using Discriminator =
    On<Down<1, 7, 1, 0>,
       On<Leaky, On<Norm, On<Down<2 * Width, 4, 2, 1>, On<Leaky, On<Down<Width, 4, 2, 1>, Images<1>>>>>>>;

/// A network with its Adams.
template <typename Network, int channels> struct Player {
  Network network;
  std::vector<dlib::adam> solvers;
  double rate;

  Player(Numbers &numbers, int side, double rate, double beta1, double beta2)
      : solvers(network.num_computational_layers, dlib::adam(0, beta1, beta2)), rate(rate) {
    // One sample tells the network that a row of a tensor is a sample, and its layers their sizes.
    std::array<dlib::matrix<float>, channels> sample;
    for (auto &channel : sample) channel = dlib::zeros_matrix<float>(side, side);
    dlib::resizable_tensor x;
    network.to_tensor(&sample, &sample + 1, x);
    network.forward(x);
    std::vector<dlib::tensor *> tensors;
    dlib::visit_layer_parameters(network, [&](size_t, dlib::tensor &t) {
      if (t.size() != 0) tensors.push_back(&t);
    });
    // dlib counts layers from the output.
    std::reverse(tensors.begin(), tensors.end());
    for (dlib::tensor *t : tensors) numbers.read(t->host(), t->size());
  }

  /// The gradients of the parameters that the last backward pass left, layer by layer.
  std::vector<dlib::tensor *> gradients() {
    std::vector<dlib::tensor *> out;
    dlib::visit_layer_parameter_gradients(network, [&](size_t, dlib::tensor &t) { out.push_back(&t); });
    return out;
  }

  void update() { network.update_parameters(solvers, rate); }
};

double softplus(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }

/// D's pass over `samples`: the mean of softplus(sign · logit) / 2 over the batch, whose gradient is left as D's.
double half_softplus(Discriminator &network, const dlib::tensor &samples, float sign) {
  const dlib::tensor &logits = network.forward(samples);
  const size_t n = logits.size();
  const float *x = logits.host();
  // The forward pass gave it this size.
  float *g = network.get_gradient_input().host();
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    const double y = sign * x[i];
    sum += softplus(y);
    g[i] = static_cast<float>(0.5 * sign / (1 + std::exp(-y)) / n);
  }
  return 0.5 * sum / n;
}

} // namespace

int main(int count, char **arguments) {
  if (count != 8) Numbers::fail("seven arguments are needed");
  Numbers numbers(arguments[1]);
  const long batch = std::atol(arguments[2]);
  if (std::atol(arguments[3]) != Latents || std::atol(arguments[4]) != Width) {
    Numbers::fail("this program was compiled for 100 latents and width 64");
  }
  const double rate = std::atof(arguments[5]), beta1 = std::atof(arguments[6]),
               beta2 = std::atof(arguments[7]);
  Player<Generator, Latents> G(numbers, 1, rate, beta1, beta2);
  Player<Discriminator, 1> D(numbers, 28, rate, beta1, beta2);
  std::array<dlib::resizable_tensor, 2> data;
  std::array<dlib::resizable_tensor, 3> given;
  for (auto &x : data) {
    x.set_size(batch, 1, 28, 28);
    numbers.read(x.host(), x.size());
  }
  for (auto &z : given) {
    z.set_size(batch, Latents, 1, 1);
    numbers.read(z.host(), z.size());
  }
  dlib::tt::tensor_rand random(1);
  dlib::resizable_tensor drawn(batch, Latents, 1, 1), fake;
  std::vector<dlib::resizable_tensor> on_real;

  const auto step = [&](const dlib::tensor &real, const dlib::tensor &z) {
    fake = G.network.forward(z);

    double d = half_softplus(D.network, real, -1);
    D.network.back_propagate_error(real);
    // The second backward pass overwrites the gradients of the first.
    const auto gradients = D.gradients();
    on_real.resize(gradients.size());
    for (size_t i = 0; i < gradients.size(); i++) on_real[i] = *gradients[i];
    d += half_softplus(D.network, fake, 1);
    D.network.back_propagate_error(fake);
    for (size_t i = 0; i < gradients.size(); i++) {
      if (gradients[i]->size() != 0) dlib::tt::add(1, *gradients[i], 1, on_real[i]);
    }
    D.update();

    // Layers whose rate is 0 make no gradients of their weights.
    dlib::set_all_learning_rate_multipliers(D.network, 0);
    const double g = half_softplus(D.network, fake, -1);
    D.network.back_propagate_error(fake);
    dlib::set_all_learning_rate_multipliers(D.network, 1);
    G.network.back_propagate_error(z, D.network.get_final_data_gradient());
    G.update();
    return std::make_pair(d, g);
  };
  serve([&](int i) { return step(data[i % 2], given[i]); },
        [&](int i) {
          random.fill_gaussian(drawn);
          step(data[i], drawn);
        });
}
