// Time, the core's true clock without hardware counters, medians, peak memory.
#pragma once

#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <fstream>
#include <string>
#include <vector>

namespace bncollapse::bench {

inline double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Time that this process's threads spent on a core: unlike the clock on the wall, not stretched by other
/// processes.
inline double cpu_seconds_now() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Cycles a second of the core that this thread runs on, from the time of a chain of dependent integer
/// additions, one cycle each on every x86-64 and Arm core. Takes about 5 ms; call it next to what it
/// calibrates, since the clock moves with load. Interruptions only lengthen a chain, so the best of several
/// short ones counts.
inline double core_hertz() {
  constexpr long iterations = 50'000;
  constexpr long additions = 16;
  double best = 1e300;
  for (int repetition = 0; repetition < 25; ++repetition) {
    const double start = seconds_now();
    unsigned long sum = 1;
    for (long i = 0; i < iterations; ++i) {
      // Register operands: chains of immediates are folded by some processors.
#if defined(__x86_64__)
      asm volatile(
          "add %0, %0\n\tadd %0, %0\n\tadd %0, %0\n\tadd %0, %0\n\t"
          "add %0, %0\n\tadd %0, %0\n\tadd %0, %0\n\tadd %0, %0\n\t"
          "add %0, %0\n\tadd %0, %0\n\tadd %0, %0\n\tadd %0, %0\n\t"
          "add %0, %0\n\tadd %0, %0\n\tadd %0, %0\n\tadd %0, %0"
          : "+r"(sum));
#elif defined(__aarch64__)
      for (long k = 0; k < additions; ++k) asm volatile("add %0, %0, %0" : "+r"(sum));
#else
#error "core_hertz() needs an addition for this processor"
#endif
    }
    const double seconds = seconds_now() - start;
    if (seconds < best) best = seconds;
  }
  return static_cast<double>(iterations * additions) / best;
}

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : 0.5 * (values[half - 1] + values[half]);
}

/// The largest resident set of this process so far, in MiB. (getrusage would include what the parent held
/// before exec.)
inline double peak_memory_mib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
  }
  return 0;
}

}  // namespace bncollapse::bench
