// How many blobs are sent at once.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

namespace imglife {

// Each upload may hold a connection that it reads its source from until another one has taken the
// bytes: were all connections to a host held so, none would be left to take any.
//
// Thread safety: any number of threads may call.
class UploadSlots {
 public:
  // One place, as long as it lives.
  class Slot {
   public:
    explicit Slot(UploadSlots& slots) : slots_(slots) {}
    ~Slot() { slots_.Give(); }
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

   private:
    UploadSlots& slots_;
  };

  explicit UploadSlots(int most) : most_(most) {}

  // Waits until there is a place.
  std::unique_ptr<Slot> Take();
  // Null if three quarters of the places are taken: for what can do without, as it may hold its
  // place while a registry says nothing.
  std::unique_ptr<Slot> TakeIfSomeAreLeft();

 private:
  void Give();

  const int most_;
  std::mutex mutex_;
  std::condition_variable given_;
  int taken_ = 0;
};

}  // namespace imglife
