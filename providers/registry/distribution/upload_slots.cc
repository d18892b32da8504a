#include "providers/registry/distribution/upload_slots.h"

namespace imglife {

std::unique_ptr<UploadSlots::Slot> UploadSlots::Take() {
  const absl::MutexLock lock(&mutex_);
  const auto there_is_one = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return taken_ < most_; };
  mutex_.Await(absl::Condition(&there_is_one));
  ++taken_;
  return std::make_unique<Slot>(*this);
}

std::unique_ptr<UploadSlots::Slot> UploadSlots::TakeIfSomeAreLeft() {
  const absl::MutexLock lock(&mutex_);
  if (taken_ >= most_ * 3 / 4) return nullptr;
  ++taken_;
  return std::make_unique<Slot>(*this);
}

void UploadSlots::Give() {
  const absl::MutexLock lock(&mutex_);
  --taken_;
}

}  // namespace imglife
