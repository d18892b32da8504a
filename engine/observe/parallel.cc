#include "engine/observe/parallel.h"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

namespace imglife {

void RunInThreads(std::size_t threads, const std::function<void()>& work) {
  std::vector<std::thread> helpers;
  helpers.reserve(threads);
  try {
    for (std::size_t i = 1; i < threads; ++i) helpers.emplace_back(work);
  } catch (const std::system_error&) {
    // The work is shared, so those that there are do all of it.
  }
  work();
  for (std::thread& helper : helpers) helper.join();
}

void ParallelFor(std::size_t count, std::size_t width,
                 const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  RunInThreads(std::min(count, std::max<std::size_t>(width, 1)), [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  });
}

void RunAll(const std::vector<Task>& tasks) {
  ParallelFor(tasks.size(), kQuestionsInFlight, [&](std::size_t i) { tasks[i](); });
}

}  // namespace imglife
