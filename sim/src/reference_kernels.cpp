#define BNC_TARGET reference
#include "kernels.hpp"
#include "silent_walk.hpp"

namespace bncollapse::sim {

const Kernels& reference_kernels() {
  static const Kernels kernels =
      reference::make_kernels("one number at a time", reference::walk_silently<reference::Lane<double>>);
  return kernels;
}

}  // namespace bncollapse::sim
