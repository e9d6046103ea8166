// What the C++ rivals share: numbers from rival_program.py, and its commands.
#pragma once

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

/// The file of 32-bit floats that rival_program.py writes: weights in the order of the layers, two batches of data, latents.
class Numbers {
public:
  explicit Numbers(const char *path) : file(path, std::ios::binary) {
    if (!file) fail(std::string("cannot read ") + path);
  }

  /// Reads the next `count` numbers to `out`.
  void read(float *out, size_t count) {
    const auto bytes = static_cast<std::streamsize>(count * sizeof(float));
    file.read(reinterpret_cast<char *>(out), bytes);
    if (file.gcount() != bytes) fail("too few numbers");
  }

  [[noreturn]] static void fail(const std::string &why) {
    std::cerr << why << std::endl;
    std::exit(1);
  }

private:
  std::ifstream file;
};

/// Answers "costs" with both costs of three steps, and "steps N" with the seconds of each of N, a line each.
///
/// first(i): the costs of D and G in a step with the i-th given latents; step(i): one with new latents on batch i.
template <typename First, typename Step> void serve(First first, Step step) {
  std::string command;
  while (std::cin >> command) {
    if (command == "costs") {
      for (int i = 0; i < 3; i++) {
        const std::pair<double, double> costs = first(i);
        std::printf("%.9g %.9g ", costs.first, costs.second);
      }
    } else {
      int count = 0;
      std::cin >> count;
      for (int i = 0; i < count; i++) {
        const auto start = std::chrono::steady_clock::now();
        step(i % 2);
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
        std::printf("%.9g ", seconds.count());
      }
    }
    std::printf("\n");
    std::fflush(stdout);
  }
}
