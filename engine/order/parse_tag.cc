#include <algorithm>
#include <array>
#include <cstddef>

#include "engine/order/characters.h"
#include "engine/order/tag_date.h"
#include "engine/order/tag_order.h"

namespace imglife {
namespace {

struct MarkerWord {
  std::string_view word;
  int rank;
};

constexpr std::array<MarkerWord, 11> kMarkerWords = {{{"dev", 1},
                                                      {"snapshot", 1},
                                                      {"ea", 1},
                                                      {"m", 2},
                                                      {"a", 3},
                                                      {"alpha", 3},
                                                      {"b", 4},
                                                      {"beta", 4},
                                                      {"pre", 5},
                                                      {"preview", 5},
                                                      {"rc", 6}}};

bool EndsPart(std::string_view rest) {
  return rest.empty() || IsSeparator(rest.front());
}

bool IsCommitHash(std::string_view tag) {
  if (tag.size() < 7 || tag.size() > 40) return false;
  bool letter = false;
  bool digit = false;
  for (const char c : tag) {
    if (IsDigit(c)) {
      digit = true;
    } else if (c >= 'a' && c <= 'f') {
      letter = true;
    } else {
      return false;
    }
  }
  return letter && digit;
}

// Reads a tag from its first digit on, part by part.
class Parts {
 public:
  explicit Parts(std::string_view rest) : rest_(rest) {}

  std::string_view rest() const { return rest_; }

  static bool StartsWithMarker(std::string_view text) { return MarkerAt(text) != nullptr; }

  std::string Digits() {
    const std::string_view digits = LeadingDigits(rest_);
    rest_.remove_prefix(digits.size());
    return std::string(WithoutLeadingZeros(digits));
  }

  // `.N.N` after a number that was already read.
  void DottedNumbers(std::vector<std::string>& numbers) {
    while (rest_.size() > 1 && rest_[0] == '.' && IsDigit(rest_[1])) {
      rest_.remove_prefix(1);
      numbers.push_back(Digits());
    }
  }

  void Build(ParsedTag& tag) {
    if (rest_.size() < 2 || (rest_[0] != '_' && rest_[0] != '+') || !IsDigit(rest_[1])) return;
    Parts after(rest_.substr(1));
    const std::string build = after.Digits();
    // `_32bit` is a variant.
    if (!EndsPart(after.rest()) && !StartsWithMarker(after.rest())) return;
    tag.build = build;
    rest_ = after.rest();
  }

  void Marker(ParsedTag& tag) {
    const std::string_view text = AfterSeparator(rest_);
    const MarkerWord* marker = MarkerAt(text);
    if (marker == nullptr) return;
    tag.marker = marker->rank;
    rest_ = text.substr(marker->word.size());
    MarkerNumbers(tag.marker_numbers);
  }

  std::string Suffix() const {
    return std::string(!rest_.empty() && IsSeparator(rest_[0]) ? rest_.substr(1) : rest_);
  }

  // `.1`, `-2`, `T16-07`: what orders the builds of one day.
  void CountsWithinDate(std::vector<std::string>& numbers) {
    if (rest_.size() > 1 && rest_[0] == 'T' && IsDigit(rest_[1])) {
      rest_.remove_prefix(1);
      numbers.push_back(Digits());
    }
    while (rest_.size() > 1 && IsSeparator(rest_[0]) && IsDigit(rest_[1])) {
      Parts after(rest_.substr(1));
      std::string number = after.Digits();
      if (!EndsPart(after.rest()) && after.rest()[0] != 'Z') return;
      numbers.push_back(std::move(number));
      rest_ = after.rest();
    }
  }

 private:
  static std::string_view AfterSeparator(std::string_view text) {
    const bool separated = !text.empty() && IsSeparator(text[0]) && text[0] != '+';
    return separated ? text.substr(1) : text;
  }

  static bool StartsWithWord(std::string_view text, std::string_view word) {
    if (text.size() < word.size()) return false;
    for (std::size_t i = 0; i < word.size(); ++i) {
      if (ToLower(text[i]) != word[i]) return false;
    }
    const std::string_view rest = text.substr(word.size());
    return EndsPart(rest) || IsDigit(rest.front());
  }

  static const MarkerWord* MarkerAt(std::string_view text) {
    const auto found =
        std::find_if(kMarkerWords.begin(), kMarkerWords.end(),
                     [&](const MarkerWord& word) { return StartsWithWord(text, word.word); });
    return found == kMarkerWords.end() ? nullptr : &*found;
  }

  // `1`, `.1.2` or `-12`; `-32bit` is a variant.
  void MarkerNumbers(std::vector<std::string>& numbers) {
    Parts after(AfterSeparator(rest_));
    if (after.rest().empty() || !IsDigit(after.rest()[0])) return;
    const bool separated = after.rest().size() < rest_.size();
    numbers.push_back(after.Digits());
    after.DottedNumbers(numbers);
    if (separated && !EndsPart(after.rest())) {
      numbers.clear();
      return;
    }
    rest_ = after.rest();
  }

  std::string_view rest_;
};

void FillDate(const TagDate& date, std::string_view tail, ParsedTag& tag) {
  tag.kind = TagKind::kDate;
  tag.date = date.digits;
  tag.date_tail = std::string(tail);
  Parts parts(tail);
  parts.CountsWithinDate(tag.numbers);
  tag.suffix = parts.Suffix();
}

void FillVersion(std::string_view prefix, std::string_view from_number, ParsedTag& tag) {
  tag.kind = TagKind::kVersion;
  tag.prefix = prefix == "v" ? "" : std::string(prefix);
  Parts parts(from_number);
  tag.numbers.push_back(parts.Digits());
  parts.DottedNumbers(tag.numbers);
  parts.Build(tag);
  parts.Marker(tag);
  tag.suffix = parts.Suffix();
}

// `32bit` names a variant; `8u302` is a version.
bool IsNumberWithUnit(std::string_view from_number) {
  std::string_view rest = from_number.substr(LeadingDigits(from_number).size());
  if (rest.empty() || !IsLetter(rest.front()) || Parts::StartsWithMarker(rest)) return false;
  while (!rest.empty() && IsLetter(rest.front())) rest.remove_prefix(1);
  return rest.empty() || !IsDigit(rest.front());
}

bool IsDigitRunStart(std::string_view text, std::size_t i) {
  return IsDigit(text[i]) && (i == 0 || !IsDigit(text[i - 1]));
}

// The first date anywhere in `text`.
bool FillFirstDate(std::string_view text, ParsedTag& tag) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!IsDigitRunStart(text, i)) continue;
    const auto date = DateAtStart(text.substr(i));
    if (!date) continue;
    tag.prefix = std::string(text.substr(0, i));
    if (tag.prefix == "v") tag.prefix.clear();
    FillDate(*date, text.substr(i + date->length), tag);
    return true;
  }
  return false;
}

}  // namespace

ParsedTag ParseTag(std::string_view text) {
  ParsedTag tag;
  tag.tag = std::string(text);
  if (IsCommitHash(text)) return tag;
  const auto first_digit =
      static_cast<std::size_t>(std::find_if(text.begin(), text.end(), IsDigit) - text.begin());
  if (first_digit == text.size()) return tag;
  const std::string_view prefix = text.substr(0, first_digit);
  const std::string_view from_number = text.substr(first_digit);
  const bool plain = prefix.empty() || prefix == "v";
  if (plain && !DateAtStart(from_number)) {
    if (!IsNumberWithUnit(from_number)) FillVersion(prefix, from_number, tag);
    return tag;
  }
  if (FillFirstDate(text, tag)) return tag;
  const bool letters =
      std::all_of(prefix.begin(), prefix.end(), [](char c) { return IsLetter(c) || c == '-'; });
  if (letters && !IsNumberWithUnit(from_number)) FillVersion(prefix, from_number, tag);
  return tag;
}

}  // namespace imglife
