#include "engine/order/sort_keys.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace imglife {
namespace {

constexpr int kComponentBits = 20;
constexpr int kComponents = 3;
constexpr std::uint64_t kLargest = (std::uint64_t{1} << kComponentBits) - 1;
constexpr std::size_t kLargestDigits = 6;  // 999999 < 2^20 - 2

// `digits` plus `offset`, or kLargest for what doesn't fit.
std::uint64_t Capped(std::string_view digits, std::uint64_t offset) {
  if (digits.size() > kLargestDigits) return kLargest;
  std::uint64_t value = 0;
  for (const char c : digits) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  return value + offset;
}

// Packs components, most significant first. After a capped one the rest must not decide.
class Packer {
 public:
  void Add(std::uint64_t component) {
    key_ = (key_ << kComponentBits) | (capped_ ? 0 : component);
    capped_ = capped_ || component == kLargest;
  }

  std::uint64_t key() const { return key_; }

 private:
  std::uint64_t key_ = 0;
  bool capped_ = false;
};

std::uint64_t DateKey(const ParsedTag& tag) {
  std::uint64_t value = 0;
  for (const char c : tag.date) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  return tag.date.size() > 8 ? value : value * 10000;
}

std::uint64_t NumbersKey(const ParsedTag& tag) {
  Packer packer;
  for (std::size_t i = 0; i < kComponents; ++i) {
    packer.Add(i < tag.numbers.size() ? Capped(tag.numbers[i], 0) : 0);
  }
  return packer.key();
}

}  // namespace

std::uint64_t AgeKey(const ParsedTag& tag, bool floating) {
  const auto kind = static_cast<std::uint64_t>(tag.kind);
  std::uint64_t key = kind << 62;
  if (tag.kind == TagKind::kDate) key |= DateKey(tag);
  if (tag.kind == TagKind::kVersion) {
    key |= std::uint64_t{!floating} << 61;
    key |= std::uint64_t{tag.prefix.empty()} << 60;
    key |= NumbersKey(tag);
  }
  return key;
}

std::uint64_t ComponentsKey(const ParsedTag& tag) {
  Packer packer;
  const std::size_t size = tag.numbers.size() + (tag.build.empty() ? 0 : 1);
  for (std::size_t i = 0; i < kComponents; ++i) {
    const std::string& component = i < tag.numbers.size() ? tag.numbers[i] : tag.build;
    packer.Add(i < size ? Capped(component, 1) : 0);
  }
  return packer.key();
}

}  // namespace imglife
