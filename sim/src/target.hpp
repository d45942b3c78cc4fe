// How one text becomes several engines.
//
// The files lane.hpp, philox.hpp, elementary.hpp, step.hpp and those built on them hold the model and its
// streams as templates over the lane type. They are compiled once per instruction set, each time in a
// namespace of its own (BNC_TARGET) and between BNC_BEFORE_TARGET() and BNC_AFTER_TARGET(), which switch the
// compiler to that instruction set. A source file that includes them is either
//   * a Highway source (it includes hwy/foreach_target.h first): BNC_TARGET is Highway's namespace of the
//   current
//     target and Lane<T> is a vector of it, or
//   * any other source: it defines BNC_TARGET first (reference, or cuda), BNC_BEFORE_TARGET() and
//     BNC_AFTER_TARGET() too where it wants other instructions, and Lane<T> is a scalar.
// Such a file guards itself with
//   #if defined(BNC_SIM_NAME_HPP) == defined(HWY_TARGET_TOGGLE)
//   #ifdef BNC_SIM_NAME_HPP
//   #undef BNC_SIM_NAME_HPP
//   #else
//   #define BNC_SIM_NAME_HPP
//   #endif
// so that it is read again for each target (Highway turns the toggle; elsewhere it is not defined, and the
// file is read once). Functions are marked BNC_HD: inlined, and callable on a CUDA device. BNC_UNROLL unrolls
// the loop that follows, on devices too.

#if defined(HWY_TARGET_INCLUDE)
#ifndef BNC_TARGET
#define BNC_VECTOR_LANES
#define BNC_TARGET HWY_NAMESPACE
#define BNC_BEFORE_TARGET() HWY_BEFORE_NAMESPACE()
#define BNC_AFTER_TARGET() HWY_AFTER_NAMESPACE()
#define BNC_HD HWY_INLINE
#endif
#elif !defined(BNC_HD)
#ifndef BNC_TARGET
#error "define BNC_TARGET before including this file"
#endif
#ifndef BNC_BEFORE_TARGET
#define BNC_BEFORE_TARGET() static_assert(true)
#define BNC_AFTER_TARGET() static_assert(true)
#endif
#ifdef __CUDACC__
#define BNC_HD __host__ __device__ __forceinline__
#else
#define BNC_HD inline
#endif
#endif

#ifndef BNC_UNROLL
#if defined(__CUDA_ARCH__)
#define BNC_UNROLL _Pragma("unroll")
#elif defined(__CUDACC__)
#define BNC_UNROLL
#else
#define BNC_UNROLL _Pragma("GCC unroll 32")
#endif
#endif
