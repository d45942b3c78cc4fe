// planted_faults FAULT: a parallel sum with the named fault in it: race, overrun, overflow or none.
#include <cstdio>
#include <limits>
#include <string_view>
#include <vector>

int main(int argc, char** argv) {
  const std::string_view fault = argc > 1 ? argv[1] : "none";
  constexpr int blocks = 64;
  std::vector<double> partial(blocks);
  double racy_sum = 0, guarded_sum = 0;

// Each thread has blocks, and its first comes before it first waits for another: a race whoever runs when.
#pragma omp parallel for schedule(static) num_threads(4)
  for (int block = 0; block < blocks; ++block) {
    double sum = 0;
    for (int i = 0; i < 20'000; ++i) sum += i % (block + 1);
    partial[static_cast<std::size_t>(block)] = sum;
    if (fault == "race") racy_sum += sum;
#pragma omp critical
    guarded_sum += sum;
  }

  double sum = 0;
  const std::size_t count = partial.size() + (fault == "overrun" ? 1 : 0);
  for (std::size_t block = 0; block < count; ++block) sum += partial.data()[block];
  int steps = std::numeric_limits<int>::max() - argc;
  if (fault == "overflow") steps += argc + 1;
  std::printf("%g %g %g %d\n", sum, guarded_sum, racy_sum, steps);
  return sum == guarded_sum ? 0 : 1;
}
