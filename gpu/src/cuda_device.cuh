// One CUDA device: memory, transfers, launches. Every call's error is thrown with the call named.
#pragma once

#include <cuda_runtime.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "bncollapse/sim/engine.hpp"

namespace bncollapse::gpu {

inline void check(cudaError_t error, const char* call) {
  if (error == cudaSuccess) return;
  throw sim::EngineUnavailable(std::string(call) + ": " + cudaGetErrorString(error) + " (" +
                               cudaGetErrorName(error) + ")");
}
#define BNC_CUDA(call) ::bncollapse::gpu::check(call, #call)

/// Groups of threads that a multiprocessor must have registers for at once. One leaves the compiler all the
/// registers that a task takes, without which some tasks spill; a task that takes few asks for more groups.
template <class Task>
constexpr int resident_groups() {
  if constexpr (requires { Task::resident_groups; }) {
    return Task::resident_groups;
  } else {
    return 1;
  }
}

/// task(element) for each of `count` elements, by a grid of any size.
template <class Task>
__global__ void __launch_bounds__(256, resident_groups<Task>())
    run_each(const __grid_constant__ Task task, std::int64_t count) {
  const std::int64_t stride = std::int64_t{gridDim.x} * blockDim.x;
  for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += stride) task(i);
}

/// The same for each of several tasks, one per row of the grid.
template <class Task>
__global__ void __launch_bounds__(256, 1) run_each_of(const Task* tasks, std::int64_t count) {
  const Task task = tasks[blockIdx.y];
  const std::int64_t stride = std::int64_t{gridDim.x} * blockDim.x;
  for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += stride) task(i);
}

/// task(phase, group, thread, shared) for all threads of each group, a barrier after every phase.
template <class Task>
__device__ void run_group_phases(const Task& task, int count) {
  extern __shared__ double shared[];
  for (int group = static_cast<int>(blockIdx.x); group < count; group += static_cast<int>(gridDim.x)) {
    for (int phase = 0; phase < Task::phases; ++phase) {
      task(phase, group, static_cast<int>(threadIdx.x), shared);
      __syncthreads();
    }
  }
}

template <class Task>
__global__ void __launch_bounds__(Task::threads, resident_groups<Task>())
    run_groups(const __grid_constant__ Task task, int count) {
  run_group_phases(task, count);
}
/// The same for each of several tasks, one per row of the grid.
template <class Task>
__global__ void __launch_bounds__(Task::threads, resident_groups<Task>())
    run_groups_of(const Task* tasks, int count) {
  run_group_phases(tasks[blockIdx.y], count);
}

class CudaStream {
 public:
  explicit CudaStream(int index) {
    BNC_CUDA(cudaSetDevice(index));
    BNC_CUDA(cudaStreamCreateWithFlags(&cuda_stream_, cudaStreamNonBlocking));
  }
  CudaStream(const CudaStream&) = delete;
  CudaStream& operator=(const CudaStream&) = delete;
  ~CudaStream() { cudaStreamDestroy(cuda_stream_); }
  operator cudaStream_t() const { return cuda_stream_; }

 private:
  cudaStream_t cuda_stream_ = nullptr;
};

/// A pool of a device's memory that keeps what is given back to it.
class CudaPool {
 public:
  explicit CudaPool(int index) {
    cudaMemPoolProps properties{};
    properties.allocType = cudaMemAllocationTypePinned;
    properties.location.type = cudaMemLocationTypeDevice;
    properties.location.id = index;
    BNC_CUDA(cudaMemPoolCreate(&pool_, &properties));
    std::uint64_t kept = std::numeric_limits<std::uint64_t>::max();
    BNC_CUDA(cudaMemPoolSetAttribute(pool_, cudaMemPoolAttrReleaseThreshold, &kept));
  }
  CudaPool(const CudaPool&) = delete;
  CudaPool& operator=(const CudaPool&) = delete;
  ~CudaPool() { cudaMemPoolDestroy(pool_); }
  operator cudaMemPool_t() const { return pool_; }

 private:
  cudaMemPool_t pool_ = nullptr;
};

/// Memory of a pool, in the order of a stream's work.
class CudaMemory {
 public:
  CudaMemory(std::size_t bytes, cudaMemPool_t pool, cudaStream_t cuda_stream) : cuda_stream_(cuda_stream) {
    if (bytes == 0) return;
    const cudaError_t error = cudaMallocFromPoolAsync(&data_, bytes, pool, cuda_stream);
    if (error == cudaErrorMemoryAllocation) {
      cudaGetLastError();  // not sticky: the next launch must not report it
      throw sim::EngineUnavailable("the CUDA device has too little free memory (cudaMallocFromPoolAsync of " +
                                   std::to_string(bytes >> 20) +
                                   " MiB); record fewer steps or bins, or take the cpu engine");
    }
    check(error, "cudaMallocFromPoolAsync");
  }
  CudaMemory(CudaMemory&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), cuda_stream_(other.cuda_stream_) {}
  CudaMemory& operator=(CudaMemory&&) = delete;
  ~CudaMemory() {
    if (data_ != nullptr) cudaFreeAsync(data_, cuda_stream_);
  }
  void* data() const { return data_; }

 private:
  void* data_ = nullptr;
  cudaStream_t cuda_stream_;
};

/// Memory of the host that a device reads and writes while the host goes on.
class CudaHostMemory {
 public:
  explicit CudaHostMemory(std::size_t size) : size_(size) {
    void* data = nullptr;
    BNC_CUDA(cudaMallocHost(&data, size));
    data_ = static_cast<std::byte*>(data);
  }
  CudaHostMemory(const CudaHostMemory&) = delete;
  CudaHostMemory& operator=(const CudaHostMemory&) = delete;
  ~CudaHostMemory() { cudaFreeHost(data_); }
  std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  std::size_t size_;
  std::byte* data_ = nullptr;
};

/// A place in a stream's work.
class CudaEvent {
 public:
  CudaEvent() { BNC_CUDA(cudaEventCreateWithFlags(&event_, cudaEventDisableTiming)); }
  CudaEvent(const CudaEvent&) = delete;
  CudaEvent& operator=(const CudaEvent&) = delete;
  ~CudaEvent() { cudaEventDestroy(event_); }
  void record(cudaStream_t cuda_stream) { BNC_CUDA(cudaEventRecord(event_, cuda_stream)); }
  /// Nothing to wait for where nothing was recorded.
  void wait() { BNC_CUDA(cudaEventSynchronize(event_)); }

 private:
  cudaEvent_t event_ = nullptr;
};

/// Used by one thread at a time.
class CudaDevice {
 public:
  static constexpr std::int64_t samples_per_launch = std::int64_t{1} << 33, waits_per_launch = 64;

  explicit CudaDevice(int index) : index_(index), cuda_stream_(index), pool_(index) {
    BNC_CUDA(cudaDeviceGetAttribute(&multiprocessors_, cudaDevAttrMultiProcessorCount, index));
  }

  void make_current() const { BNC_CUDA(cudaSetDevice(index_)); }

  /// Thirty-two full loads of the device, so that its last, partly full one costs little.
  std::int64_t preferred_trajectories() const { return std::int64_t{32} * 2048 * multiprocessors_; }

  CudaMemory allocate(std::size_t bytes) { return CudaMemory(bytes, pool_, cuda_stream_); }
  /// Waits only where the staging memory is full.
  template <class U>
  void upload(U* to, const U* from, std::size_t count) {
    static_assert(std::is_trivially_copyable_v<U>);
    const auto* source = reinterpret_cast<const std::byte*>(from);
    auto* target = reinterpret_cast<std::byte*>(to);
    for (std::size_t left = count * sizeof(U); left > 0;) {
      if (staged_ == staging_.size()) wait();
      const std::size_t part = std::min(left, staging_.size() - staged_);
      std::byte* const place = staging_.data() + staged_;
      std::memcpy(place, source, part);
      BNC_CUDA(cudaMemcpyAsync(target, place, part, cudaMemcpyHostToDevice, cuda_stream_));
      staged_ += part;
      source += part;
      target += part;
      left -= part;
    }
  }
  template <class U>
  void download(U* to, const U* from, std::size_t count) {
    static_assert(std::is_trivially_copyable_v<U>);
    BNC_CUDA(cudaMemcpyAsync(to, from, count * sizeof(U), cudaMemcpyDeviceToHost, cuda_stream_));
    wait();
  }
  template <class U>
  void clear(U* to, std::size_t count) {
    BNC_CUDA(cudaMemsetAsync(to, 0, count * sizeof(U), cuda_stream_));
  }
  template <class U>
  void fetch(const U* from, std::size_t count) {
    static_assert(std::is_trivially_copyable_v<U>);
    const std::size_t bytes = count * sizeof(U);
    if (!inbox_ || inbox_->size() < bytes) {
      inbox_.reset();
      inbox_.emplace(bytes);
    }
    BNC_CUDA(cudaMemcpyAsync(inbox_->data(), from, bytes, cudaMemcpyDeviceToHost, cuda_stream_));
    has_arrived_.record(cuda_stream_);
  }
  const void* fetched() {
    has_arrived_.wait();
    return inbox_->data();
  }
  void pace() {
    pace_.wait();
    pace_.record(cuda_stream_);
  }

  template <class Task>
  void each(std::int64_t count, const Task& task) {
    static_assert(std::is_trivially_copyable_v<Task>);
    run_each<<<element_grid(count, 1), element_threads, 0, cuda_stream_>>>(task, count);
    check(cudaGetLastError(), "launch of a task over elements");
  }
  template <class Task>
  void each(std::int64_t count, const std::vector<Task>& tasks) {
    if (tasks.size() == 1) return each(count, tasks.front());
    run_each_of<<<element_grid(count, tasks.size()), element_threads, 0, cuda_stream_>>>(on_device(tasks),
                                                                                         count);
    check(cudaGetLastError(), "launch of tasks over elements");
  }
  template <class Task>
  void groups(int count, const Task& task) {
    static_assert(std::is_trivially_copyable_v<Task>);
    const std::size_t shared = task.shared_bytes();
    allow_shared(run_groups<Task>, shared);
    run_groups<<<grid_of(count, 1), Task::threads, shared, cuda_stream_>>>(task, count);
    check(cudaGetLastError(), "launch of a task over groups");
  }
  template <class Task>
  void groups(int count, const std::vector<Task>& tasks) {
    if (tasks.size() == 1) return groups(count, tasks.front());
    const std::size_t shared = tasks.front().shared_bytes();
    allow_shared(run_groups_of<Task>, shared);
    run_groups_of<<<grid_of(count, tasks.size()), Task::threads, shared, cuda_stream_>>>(on_device(tasks),
                                                                                         count);
    check(cudaGetLastError(), "launch of tasks over groups");
  }

 private:
  static constexpr int element_threads = 256;
  static constexpr std::size_t staging_size = std::size_t{8} << 20;

  void wait() {
    BNC_CUDA(cudaStreamSynchronize(cuda_stream_));
    staged_ = 0;
  }

  static dim3 element_grid(std::int64_t elements, std::size_t tasks) {
    return grid_of((elements + element_threads - 1) / element_threads, tasks);
  }
  static dim3 grid_of(std::int64_t blocks, std::size_t tasks) {
    constexpr std::int64_t largest = std::int64_t{1} << 20;
    return {static_cast<unsigned>(std::min(blocks, largest)), static_cast<unsigned>(tasks)};
  }
  template <class Kernel>
  static void allow_shared(Kernel* kernel, std::size_t bytes) {
    BNC_CUDA(
        cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes)));
  }

  /// The tasks in the device's memory, until the next call.
  template <class Task>
  const Task* on_device(const std::vector<Task>& tasks) {
    const std::size_t bytes = tasks.size() * sizeof(Task);
    if (bytes > task_bytes_) {
      tasks_.reset();
      tasks_.emplace(allocate(bytes));
      task_bytes_ = bytes;
    }
    auto* const to = static_cast<Task*>(tasks_->data());
    upload(to, tasks.data(), tasks.size());
    return to;
  }

  int index_;
  CudaStream cuda_stream_;
  CudaPool pool_;
  CudaHostMemory staging_{staging_size};
  std::size_t staged_ = 0;  ///< bytes that the device may still read
  int multiprocessors_ = 0;
  std::optional<CudaHostMemory> inbox_;  ///< of fetch
  CudaEvent has_arrived_, pace_;
  std::optional<CudaMemory> tasks_;
  std::size_t task_bytes_ = 0;
};

}  // namespace bncollapse::gpu
