#include "engine/cli/aside.h"

#include <future>
#include <memory>
#include <system_error>
#include <utility>

namespace imglife {

Aside::~Aside() {
  if (thread_.joinable()) thread_.join();
}

void Aside::Say(std::function<void()> say) {
  try {
    thread_ = std::thread(std::move(say));
  } catch (const std::system_error&) {
    // What was to be said matters less than that nobody waits.
  }
}

void SayWithin(absl::Duration longest, std::function<void()> say) {
  const auto said = std::make_shared<std::promise<void>>();
  std::future<void> heard = said->get_future();
  try {
    std::thread([say = std::move(say), said] {
      say();
      said->set_value();
    }).detach();
  } catch (const std::system_error&) {
    return;
  }
  heard.wait_for(absl::ToChronoMilliseconds(longest));
}

}  // namespace imglife
