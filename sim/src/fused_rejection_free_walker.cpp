// The rejection-free walker for processors with fused multiply-adds, which other x86 processors must emulate.
#include <hwy/base.h>

#define BNC_TARGET fused
#if HWY_ARCH_X86
#define BNC_BEFORE_TARGET() HWY_PUSH_ATTRIBUTES("fma") static_assert(true)
#define BNC_AFTER_TARGET() HWY_POP_ATTRIBUTES static_assert(true)
#endif
#include "kernel_table.hpp"
#include "shared/rejection_free_walker.hpp"

namespace bncollapse::sim {

TakeWaits fused_take_waits() { return fused::take_waits<fused::Lane<double>>; }

}  // namespace bncollapse::sim
