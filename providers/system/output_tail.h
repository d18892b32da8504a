// The end of what a program wrote.
//
// Thread safety: one thread at a time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace imglife {

// Keeps the last `limit` bytes, in memory for at most about twice as many.
class OutputTail {
 public:
  explicit OutputTail(std::size_t limit) : limit_(limit) {}
  void Append(std::string_view bytes);
  std::string Take();

 private:
  void DropFront();

  const std::size_t limit_;
  std::string kept_;
};

}  // namespace imglife
