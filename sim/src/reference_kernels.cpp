#define BNC_TARGET reference
#include "kernels.hpp"

namespace bncollapse::sim {

const Kernels& reference_kernels() {
  static const Kernels kernels = reference::make_kernels("one number at a time");
  return kernels;
}

}  // namespace bncollapse::sim
