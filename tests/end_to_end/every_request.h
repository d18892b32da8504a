// Tries what happens when a run is disturbed at any of its requests.
#pragma once

#include <functional>

namespace imglife {

// Most of a run that meets a dead network is waiting between tries.
inline constexpr int kRunsAtOnce = 12;

// Calls `disturbed_at` with 1, 2, 3 … for the requests of a run, `at_once` at once and from other
// threads, until it says that a run didn't come that far. Fails the test if no run was so short, or
// if fewer than `least` of them came that far.
void ForEveryRequest(int least, const std::function<bool(int)>& disturbed_at,
                     int at_once = kRunsAtOnce);

}  // namespace imglife
