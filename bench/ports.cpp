// How many instructions of each kind the core starts in a cycle, as JSON: the check on the table of ports in
// port_bound.py. Mixtures, half of each kind, show what shares ports: kinds on ports of their own reach the
// sum of their rates.

#include <iostream>
#include <nlohmann/json.hpp>
#include <vector>

#include "measure.hpp"

#if defined(__x86_64__)

// Twelve registers are written, so that no instruction waits for another.
#define EACH(I) I("0") I("1") I("2") I("3") I("4") I("5") I("6") I("7") I("8") I("9") I("10") I("11")
#define MIXED(I, J) I("0") J("1") I("2") J("3") I("4") J("5") I("6") J("7") I("8") J("9") I("10") J("11")

#define MULTIPLY_ADD(d) "vfmadd231ps %%zmm30, %%zmm31, %%zmm" d "\n\t"
#define MULTIPLY(d) "vmulps %%zmm30, %%zmm31, %%zmm" d "\n\t"
#define ADD(d) "vaddps %%zmm30, %%zmm31, %%zmm" d "\n\t"
#define COMPARE(d) "vcmpltps %%zmm30, %%zmm" d ", %%k1\n\t"
#define CONVERT(d) "vcvtdq2ps %%zmm30, %%zmm" d "\n\t"
#define SQUARE_ROOT(d) "vsqrtps %%zmm30, %%zmm" d "\n\t"
#define INTEGER_MULTIPLY(d) "vpmuludq %%zmm30, %%zmm31, %%zmm" d "\n\t"
#define SHIFT(d) "vpsrlq $32, %%zmm30, %%zmm" d "\n\t"
#define LOGIC(d) "vpternlogd $0x96, %%zmm30, %%zmm31, %%zmm" d "\n\t"
#define INTEGER_ADD(d) "vpaddd %%zmm30, %%zmm31, %%zmm" d "\n\t"
#define BLEND(d) "vpblendmd %%zmm30, %%zmm31, %%zmm" d "%{%%k2%}\n\t"

#define MULTIPLY_ADD_256(d) "vfmadd231ps %%ymm14, %%ymm15, %%ymm" d "\n\t"
#define ADD_256(d) "vaddps %%ymm14, %%ymm15, %%ymm" d "\n\t"
#define SQUARE_ROOT_256(d) "vsqrtps %%ymm14, %%ymm" d "\n\t"
#define INTEGER_MULTIPLY_256(d) "vpmuludq %%ymm14, %%ymm15, %%ymm" d "\n\t"
#define SHIFT_256(d) "vpsrlq $32, %%ymm14, %%ymm" d "\n\t"
#define LOGIC_256(d) "vpxor %%ymm14, %%ymm15, %%ymm" d "\n\t"

#define RATE(text)                                                                                     \
  rate([] {                                                                                            \
    asm volatile(text text text text ::                                                                \
                     : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", \
                       "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");                          \
  })

namespace {

using namespace bncollapse;

/// Instructions a cycle of `body`, 48 instructions long.
template <class Body>
double rate(Body body) {
  constexpr int iterations = 20000;
  std::vector<double> rates;
  for (int repetition = 0; repetition < 15; ++repetition) {
    const double hertz = bench::core_hertz();
    const double start = bench::cpu_seconds_now();
    for (int i = 0; i < iterations; ++i) body();
    rates.push_back(48.0 * iterations / (bench::cpu_seconds_now() - start) / hertz);
  }
  return bench::median(rates);
}

}  // namespace

int main() {
  nlohmann::json rates;
  rates["256 bits"] = {{"multiply_add", RATE(EACH(MULTIPLY_ADD_256))},
                       {"add", RATE(EACH(ADD_256))},
                       {"square_root", RATE(EACH(SQUARE_ROOT_256))},
                       {"integer_multiply", RATE(EACH(INTEGER_MULTIPLY_256))},
                       {"shift", RATE(EACH(SHIFT_256))},
                       {"logic", RATE(EACH(LOGIC_256))},
                       {"multiply_add + add", RATE(MIXED(MULTIPLY_ADD_256, ADD_256))}};
  if (__builtin_cpu_supports("avx512f")) {
    rates["512 bits"] = {{"multiply_add", RATE(EACH(MULTIPLY_ADD))},
                         {"multiply", RATE(EACH(MULTIPLY))},
                         {"add", RATE(EACH(ADD))},
                         {"compare", RATE(EACH(COMPARE))},
                         {"convert", RATE(EACH(CONVERT))},
                         {"square_root", RATE(EACH(SQUARE_ROOT))},
                         {"integer_multiply", RATE(EACH(INTEGER_MULTIPLY))},
                         {"shift", RATE(EACH(SHIFT))},
                         {"logic", RATE(EACH(LOGIC))},
                         {"integer_add", RATE(EACH(INTEGER_ADD))},
                         {"blend", RATE(EACH(BLEND))},
                         {"multiply_add + add", RATE(MIXED(MULTIPLY_ADD, ADD))},
                         {"multiply_add + logic", RATE(MIXED(MULTIPLY_ADD, LOGIC))},
                         {"multiply_add + shift", RATE(MIXED(MULTIPLY_ADD, SHIFT))},
                         {"multiply_add + integer_multiply", RATE(MIXED(MULTIPLY_ADD, INTEGER_MULTIPLY))},
                         {"integer_multiply + add", RATE(MIXED(INTEGER_MULTIPLY, ADD))},
                         {"integer_multiply + shift", RATE(MIXED(INTEGER_MULTIPLY, SHIFT))},
                         {"integer_multiply + logic", RATE(MIXED(INTEGER_MULTIPLY, LOGIC))},
                         {"shift + add", RATE(MIXED(SHIFT, ADD))},
                         {"shift + logic", RATE(MIXED(SHIFT, LOGIC))},
                         {"add + logic", RATE(MIXED(ADD, LOGIC))},
                         {"convert + add", RATE(MIXED(CONVERT, ADD))},
                         {"convert + shift", RATE(MIXED(CONVERT, SHIFT))},
                         {"convert + multiply_add", RATE(MIXED(CONVERT, MULTIPLY_ADD))},
                         {"square_root + multiply_add", RATE(MIXED(SQUARE_ROOT, MULTIPLY_ADD))}};
  }
  std::cout << rates.dump(1) << "\n";
}

#else

int main() { std::cout << "{}\n"; }

#endif
