// Text that stops to grow at the limit of what a template may make.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace imglife {

class BoundedText {
 public:
  static constexpr std::size_t kMost = std::size_t{16} << 20;  // bytes

  void Append(std::string_view more) {
    if (!Fits(more.size())) return;
    text_.append(more);
  }
  void Pad(std::size_t count, char with) {
    if (!Fits(count)) return;
    text_.append(count, with);
  }

  // Something was left out, and so is everything after it.
  bool overflowed() const { return overflowed_; }
  std::size_t size() const { return text_.size(); }
  std::string Take() { return std::move(text_); }

 private:
  bool Fits(std::size_t more) {
    overflowed_ = overflowed_ || more > kMost - text_.size();
    return !overflowed_;
  }

  std::string text_;
  bool overflowed_ = false;
};

}  // namespace imglife
