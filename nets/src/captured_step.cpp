#include "captured_step.hpp"

#include <exception>
#include <utility>

#ifdef BNCOLLAPSE_TORCH_CUDA
#include <ATen/cuda/CUDAEvent.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#endif

namespace bncollapse::nets {

#ifdef BNCOLLAPSE_TORCH_CUDA

namespace {

constexpr int runs_before_capture = 4;

/// What is queued on `later` from now on waits for what is queued on `earlier`.
void queue_after(const c10::cuda::CUDAStream& later, const c10::cuda::CUDAStream& earlier) {
  at::cuda::CUDAEvent event;
  event.record(earlier);
  event.block(later);
}

}  // namespace

/// Warm-up, capture and replay all happen on one stream of its own, which capturing needs.
struct CapturedStep::Graph {
  c10::cuda::CUDAStream cuda_stream = c10::cuda::getStreamFromPool();
  at::cuda::CUDAGraph graph;
  int runs = 0;
  bool captured = false;
  bool failed = false;

  void capture(const std::function<void()>& work) {
    bool begun = false;
    try {
      cuda_stream.synchronize();
      graph.capture_begin();
      begun = true;
      work();
      graph.capture_end();
      captured = true;
    } catch (const std::exception& error) {  // LibTorch's, or of our own kernels
      failed = true;
      if (begun) {
        try {
          graph.capture_end();
        } catch (const c10::Error&) {  // of what the first error says already
        }
      }
      const auto* of_libtorch = dynamic_cast<const c10::Error*>(&error);
      TORCH_WARN("the training step is not captured in a CUDA graph, which makes it slower: ",
                 of_libtorch ? of_libtorch->what_without_backtrace() : error.what());
    }
  }

  void run(const std::function<void()>& work) {
    const c10::cuda::CUDAStream outer = c10::cuda::getCurrentCUDAStream();
    queue_after(cuda_stream, outer);
    {
      const c10::cuda::CUDAStreamGuard guard(cuda_stream);
      if (!captured && !failed && runs++ == runs_before_capture) {
        capture(work);
      }
      captured ? graph.replay() : work();
    }
    queue_after(outer, cuda_stream);
  }
};

CapturedStep::CapturedStep(std::function<void()> work, at::Device device)
    : work_(std::move(work)), graph_(device.is_cuda() ? std::make_unique<Graph>() : nullptr) {}

void CapturedStep::operator()() { graph_ ? graph_->run(work_) : work_(); }

bool CapturedStep::captured() const { return graph_ && graph_->captured; }

#else

struct CapturedStep::Graph {};

CapturedStep::CapturedStep(std::function<void()> work, at::Device) : work_(std::move(work)) {}

void CapturedStep::operator()() { work_(); }

bool CapturedStep::captured() const { return false; }

#endif

CapturedStep::~CapturedStep() = default;

}  // namespace bncollapse::nets
