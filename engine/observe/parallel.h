// Many questions at once.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace imglife {

// Calls `work` on the calling thread and on `threads` - 1 more, and returns when all calls have. On
// fewer where the system has no more threads (a pids limit). `work` must not throw.
void RunInThreads(std::size_t threads, const std::function<void()>& work);

// Calls work(0) … work(count - 1), each once, at most `width` at a time, and returns when all are
// done. `work` may be called from any thread and must not throw.
void ParallelFor(std::size_t count, std::size_t width,
                 const std::function<void(std::size_t)>& work);

// Questions in flight together: enough to hide 100 ms of latency, few enough for any registry (they
// are bounded per host once more by the transport).
inline constexpr std::size_t kQuestionsInFlight = 64;

// Of one image, where many images are looked at together.
inline constexpr std::size_t kQuestionsPerImage = 4;

using Task = std::function<void()>;

// Runs each once, all in flight together, and returns when all are done. A task must not throw.
void RunAll(const std::vector<Task>& tasks);

}  // namespace imglife
