#include "providers/system/output_tail.h"

#include <utility>

namespace imglife {

void OutputTail::Append(std::string_view bytes) {
  kept_.append(bytes);
  // Not at every append: that would move the whole text each time.
  if (kept_.size() / 2 > limit_) DropFront();
}

std::string OutputTail::Take() {
  DropFront();
  return std::exchange(kept_, std::string());
}

void OutputTail::DropFront() {
  if (kept_.size() > limit_) kept_.erase(0, kept_.size() - limit_);
}

}  // namespace imglife
