// The task of peer.py in plain C++: the standard library's generators and normals, one neuron in registers.
// Usage: standard_peer VARIANT TRAJECTORIES STEPS LEARNING_RATE THREADS; the protocol is peer.py's.

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

struct Task {
  std::int64_t trajectories = 0;
  std::int64_t steps = 0;
  float learning_rate = 0;
  int threads = 1;
};

struct Sums {
  double total = 0, square_total = 0;
};

template <class Generator>
Sums walk(const Task& task, std::uint32_t seed, std::uint32_t thread) {
  std::seed_seq sequence{seed, thread};
  Generator generator(sequence);
  std::normal_distribution<float> normal;
  Sums sums;
  for (std::int64_t i = thread; i < task.trajectories; i += task.threads) {
    float gamma = 1, beta = 0;
    for (std::int64_t t = 0; t < task.steps; ++t) {
      const float x = normal(generator);
      const float g = normal(generator);
      if (gamma * x + beta > 0) {
        gamma -= task.learning_rate * g * x;
        beta -= task.learning_rate * g;
      }
    }
    const double p =
        0.5 * std::erfc(-static_cast<double>(beta) / std::fabs(static_cast<double>(gamma)) / std::sqrt(2.0));
    sums.total += p;
    sums.square_total += p * p;
  }
  return sums;
}

template <class Generator>
Sums simulate(const Task& task, std::uint32_t seed) {
  std::vector<Sums> parts(static_cast<std::size_t>(task.threads));
  std::vector<std::thread> threads;
  for (std::uint32_t i = 1; i < parts.size(); ++i)
    threads.emplace_back([&, i] { parts[i] = walk<Generator>(task, seed, i); });
  parts[0] = walk<Generator>(task, seed, 0);
  for (std::thread& thread : threads) thread.join();
  Sums sums;
  for (const Sums& part : parts) {
    sums.total += part.total;
    sums.square_total += part.square_total;
  }
  return sums;
}

template <class Generator>
int serve(const std::string& variant, const Task& task) {
  simulate<Generator>({task.trajectories / 8 + 2, task.steps, task.learning_rate, task.threads}, 0);
  std::cout << R"({"peer": "standard library, C++", "version": ")" << __VERSION__ << R"(", "variant": ")"
            << variant << R"(", "threads": )" << task.threads << R"(, "trajectories": )" << task.trajectories
            << R"(, "steps": )" << task.steps << "}" << std::endl;
  std::uint32_t seed = 0;
  while (std::cin >> seed) {
    const auto start = std::chrono::steady_clock::now();
    const Sums sums = simulate<Generator>(task, seed);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    const double count = static_cast<double>(task.trajectories);
    const double mean = sums.total / count;
    const double error = std::sqrt((sums.square_total / count - mean * mean) / (count - 1));
    std::cout << R"({"seconds": )" << seconds.count() << R"(, "mean": )" << mean << R"(, "standard_error": )"
              << error << "}" << std::endl;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::cerr << "usage: " << argv[0] << " VARIANT TRAJECTORIES STEPS LEARNING_RATE THREADS\n";
    return 2;
  }
  const std::string variant = argv[1];
  const Task task{std::atoll(argv[2]), std::atoll(argv[3]), std::strtof(argv[4], nullptr),
                  std::atoi(argv[5])};
  std::cout.precision(17);
  if (variant == "mt19937") return serve<std::mt19937>(variant, task);
  if (variant == "mt19937_64") return serve<std::mt19937_64>(variant, task);
  if (variant == "minstd_rand") return serve<std::minstd_rand>(variant, task);
  std::cerr << argv[0] << ": no variant " << variant << ": mt19937, mt19937_64, minstd_rand\n";
  return 2;
}
