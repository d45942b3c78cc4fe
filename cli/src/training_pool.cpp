#include "training_pool.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <list>

#include "bncollapse/study/errors.hpp"
#include "child_process.hpp"
#include "training_progress.hpp"

namespace bncollapse::cli {
namespace {

/// A process that trains a point, with our end of its stderr.
class Worker {
 public:
  Worker(std::int64_t point, std::vector<std::string> words) : point_(point) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail(errno);
    read_end_ = ends[0];
    const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null < 0) fail(errno);
    process_ = start("/proc/self/exe", std::move(words), {.out = null, .err = ends[1]});
    ::close(null);
    ::close(ends[1]);
  }
  ~Worker() { ::close(read_end_); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  std::int64_t point() const { return point_; }
  int read_end() const { return read_end_; }
  void stop() const { ::kill(process_, SIGTERM); }

  /// Reads what is there; calls `on_line(line)` for each whole line. False at the end.
  template <class OnLine>
  bool read_lines(const OnLine& on_line) {
    std::array<char, 4096> bytes{};
    const ssize_t count = ::read(read_end_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) return true;
    if (count <= 0) return false;
    text_.append(bytes.data(), static_cast<std::size_t>(count));
    for (std::size_t end = text_.find('\n'); end != std::string::npos; end = text_.find('\n')) {
      on_line(text_.substr(0, end));
      text_.erase(0, end + 1);
    }
    return true;
  }

  /// Waits for its end. Its exit code; a signal that ended it is named by `say(text)`.
  template <class Say>
  int exit_code(const Say& say) const {
    const int status = wait_for(process_);
    if (WIFSIGNALED(status)) {
      say(fmt::format("was ended by signal {} ({}){}", WTERMSIG(status), ::strsignal(WTERMSIG(status)),
                      WTERMSIG(status) == SIGKILL
                          ? "; the system does this when memory runs out: use fewer --jobs"
                          : ""));
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : FailedTraining().exit_code;
  }

 private:
  [[noreturn]] static void fail(int reason) {
    throw study::RunError(fmt::format("a process that trains cannot be started: {}", std::strerror(reason)));
  }

  std::int64_t point_;
  pid_t process_ = 0;
  int read_end_ = -1;
  std::string text_;
};

}  // namespace

std::vector<FailedTraining> TrainingPool::run(const std::vector<std::int64_t>& points) const {
  std::vector<FailedTraining> failed;
  std::list<Worker> workers;
  JobCount count = jobs;
  auto next = points.begin();
  bool stopping = false;
  const auto tell = [&](std::int64_t point, const std::string& line) {
    if (const auto progress = progress_of(line)) {
      const std::chrono::duration<double> now = std::chrono::steady_clock::now().time_since_epoch();
      count.report(point, progress->step, progress->device_memory, now.count());
      on_progress(point, *progress);
    } else {
      on_message(fmt::format("point {}: {}", point, line));
    }
  };
  while (true) {
    if (stop->load() && !stopping) {
      stopping = true;
      for (const Worker& worker : workers) worker.stop();
    }
    while (!stopping && next != points.end() && workers.size() < static_cast<std::size_t>(count.jobs())) {
      std::vector<std::string> words = arguments;
      words.insert(words.end(), {"--point", std::to_string(*next)});
      workers.emplace_back(*next, std::move(words));
      ++next;
    }
    if (workers.empty()) return failed;
    std::vector<pollfd> ends;
    for (const Worker& worker : workers)
      ends.push_back({.fd = worker.read_end(), .events = POLLIN, .revents = 0});
    constexpr int wait_ms = 200;
    if (::poll(ends.data(), ends.size(), wait_ms) <= 0) continue;
    auto end = ends.begin();
    for (auto worker = workers.begin(); worker != workers.end(); ++end) {
      const bool is_open = end->revents == 0 ||
                           worker->read_lines([&](const std::string& line) { tell(worker->point(), line); });
      if (is_open) {
        ++worker;
        continue;
      }
      count.ended(worker->point());
      const int code = worker->exit_code([&](const std::string& text) {
        if (!stop->load()) tell(worker->point(), text);
      });
      if (code == 0)
        on_finished(worker->point());
      else
        failed.push_back({worker->point(), code});
      worker = workers.erase(worker);
    }
  }
}

}  // namespace bncollapse::cli
