#pragma once

// doctest beside LibTorch, whose logging defines macros of the same names, which abort.
#include "torch.hpp"

#undef CHECK
#undef CHECK_EQ
#undef CHECK_NE
#undef CHECK_GT
#undef CHECK_LT
#undef CHECK_GE
#undef CHECK_LE

#include <doctest/doctest.h>
