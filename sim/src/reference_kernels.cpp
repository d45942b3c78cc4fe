#define BNC_TARGET reference
#include "host/engines.hpp"
#include "kernels.hpp"
#include "shared/rejection_free_walker.hpp"

namespace bncollapse::sim {

const Kernels& reference_kernels() {
  static const Kernels kernels =
      reference::make_kernels("one number at a time", reference::take_waits<reference::Lane<double>>);
  return kernels;
}

}  // namespace bncollapse::sim
