#pragma once

// The parts of LibTorch that this room uses, and what differs between its versions (1.13 to current).

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/version.h>

#include <cstdint>
#include <initializer_list>
