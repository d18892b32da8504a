// Words on the side: whoever says them must not wait for their reader, as a pipe that nobody
// empties blocks every write to it.
#pragma once

#include <functional>
#include <thread>

#include "absl/time/time.h"

namespace imglife {

class Aside {
 public:
  Aside() = default;
  // Waits until everything is said.
  ~Aside();
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;

  // Calls `say` on a thread of its own and returns at once; not at all where no thread can be had.
  // Once, from one thread.
  void Say(std::function<void()> say);

 private:
  std::thread thread_;
};

// The same for a process that is about to end: waits at most that long. `say` may still run, or
// wait, when this returns.
void SayWithin(absl::Duration longest, std::function<void()> say);

}  // namespace imglife
