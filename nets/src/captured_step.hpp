#pragma once

#include <functional>
#include <memory>

#include "torch.hpp"

namespace bncollapse::nets {

/// Work made of nothing but tensor operations on tensors that stay where they are. On a CUDA device it is
/// done a few times as it is, which settles the libraries' workspaces, and then recorded in a CUDA graph and
/// replayed: the processor launches one graph in place of hundreds of kernels, the same ones, so that the
/// numbers are the same. On the CPU, with a LibTorch without CUDA, and (after a warning) where recording
/// fails, it is done as it is every time.
class CapturedStep {
 public:
  CapturedStep(std::function<void()> work, at::Device device);
  ~CapturedStep();

  void operator()();

  /// Whether it is being replayed.
  bool captured() const;

 private:
  struct Graph;
  std::function<void()> work_;
  std::unique_ptr<Graph> graph_;
};

}  // namespace bncollapse::nets
