// The silent walk for processors with fused multiply-adds, which other x86 processors must emulate.
#include <hwy/base.h>

#define BNC_TARGET fused
#if HWY_ARCH_X86
#define BNC_BEFORE_TARGET() HWY_PUSH_ATTRIBUTES("fma") static_assert(true)
#define BNC_AFTER_TARGET() HWY_POP_ATTRIBUTES static_assert(true)
#endif
#include "kernel_table.hpp"
#include "silent_walk.hpp"

namespace bncollapse::sim {

WalkSilently fused_silent_walk() { return fused::walk_silently<fused::Lane<double>>; }

}  // namespace bncollapse::sim
