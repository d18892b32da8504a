// Handles of curl that are used again: making one costs more than a small request.
#pragma once

#include <mutex>
#include <vector>

#include <curl/curl.h>

namespace imglife {

// Thread safety: any number of threads may call.
class EasyHandles {
 public:
  EasyHandles() = default;
  ~EasyHandles();
  EasyHandles(const EasyHandles&) = delete;
  EasyHandles& operator=(const EasyHandles&) = delete;

  // With no option set.
  CURL* Take();
  // `easy` is in no multi handle any more.
  void GiveBack(CURL* easy);

 private:
  std::mutex mutex_;
  std::vector<CURL*> unused_;
};

}  // namespace imglife
