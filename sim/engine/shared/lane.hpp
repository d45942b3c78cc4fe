// The lane types. `Lane<T>` is a group of `width` numbers of type T (float or double) that step together: one
// number in the reference and the CUDA engine, a vector of the processor's elsewhere. Every operation is
// exact or correctly rounded, so results do not depend on the width.
//
// Lane<T>::Bits   one 32-bit word per lane, unsigned (kept in a lane of T's size)
// Lane<T>::Wide   one 64-bit word per lane, for Philox's products
// Lane<T>::Mask   one truth value per lane

#include "shared/simd_target.hpp"

#if defined(BNC_VECTOR_LANES)
#include "shared/lane_paired.hpp"
#else
#include "shared/lane_pair.hpp"
#include "shared/lane_scalar.hpp"
#endif
