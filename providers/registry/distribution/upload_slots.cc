#include "providers/registry/distribution/upload_slots.h"

namespace imglife {

std::unique_ptr<UploadSlots::Slot> UploadSlots::Take() {
  std::unique_lock lock(mutex_);
  given_.wait(lock, [this] { return taken_ < most_; });
  ++taken_;
  return std::make_unique<Slot>(*this);
}

std::unique_ptr<UploadSlots::Slot> UploadSlots::TakeIfSomeAreLeft() {
  const std::lock_guard lock(mutex_);
  if (taken_ >= most_ * 3 / 4) return nullptr;
  ++taken_;
  return std::make_unique<Slot>(*this);
}

void UploadSlots::Give() {
  const std::lock_guard lock(mutex_);
  --taken_;
  given_.notify_one();
}

}  // namespace imglife
