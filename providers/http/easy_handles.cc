#include "providers/http/easy_handles.h"

namespace imglife {

EasyHandles::~EasyHandles() {
  for (CURL* easy : unused_) curl_easy_cleanup(easy);
}

CURL* EasyHandles::Take() {
  {
    const std::lock_guard lock(mutex_);
    if (!unused_.empty()) {
      CURL* easy = unused_.back();
      unused_.pop_back();
      return easy;
    }
  }
  return curl_easy_init();
}

void EasyHandles::GiveBack(CURL* easy) {
  curl_easy_reset(easy);
  const std::lock_guard lock(mutex_);
  unused_.push_back(easy);
}

}  // namespace imglife
