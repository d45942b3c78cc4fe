// How one shared source becomes several engines.
//
// The files of this folder hold the model and its random draws as templates over the lane type. Each source
// file that includes them compiles them once per instruction set: in a namespace of its own (BNC_TARGET),
// between BNC_BEFORE_TARGET() and BNC_AFTER_TARGET(), which switch the compiler to that instruction set.
//
// A file of shared source looks like this (Highway's skeleton, with our names):
//
//   #if defined(BNC_SIM_DOUBLED_HPP) == defined(HWY_TARGET_TOGGLE)  // read again for each target
//   #ifdef BNC_SIM_DOUBLED_HPP
//   #undef BNC_SIM_DOUBLED_HPP
//   #else
//   #define BNC_SIM_DOUBLED_HPP
//   #endif
//
//   #include "shared/lane.hpp"
//
//   BNC_BEFORE_TARGET();
//   namespace bncollapse::sim {
//   namespace BNC_TARGET {
//
//   template <class V>  // Lane<float> or Lane<double>
//   BNC_HD V doubled(V x) { return x + x; }
//
//   }  // namespace BNC_TARGET
//   }  // namespace bncollapse::sim
//   BNC_AFTER_TARGET();
//   #endif
//
// Two kinds of source file include it. In a Highway source, Lane<T> is a vector of the current target and
// BNC_TARGET is Highway's namespace of it:
//
//   #define HWY_TARGET_INCLUDE "my_kernels.cpp"  // this file's own name
//   #include "hwy/foreach_target.h"              // reads this file once per target
//   #include "hwy/highway.h"
//   #include "shared/doubled.hpp"
//
// In every other source, Lane<T> is a scalar, and the file names its namespace first. It defines
// BNC_BEFORE_TARGET() and BNC_AFTER_TARGET(), too, where it wants other instructions:
//
//   #define BNC_TARGET reference  // cuda in a .cu file
//   #include "shared/doubled.hpp"
//   // reference::doubled(reference::Lane<float>(1.5F)).value() is 3
//
// Functions are marked BNC_HD: inlined, and callable on a CUDA device. BNC_UNROLL unrolls the loop that
// follows, on devices too.

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
