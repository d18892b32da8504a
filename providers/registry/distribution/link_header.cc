#include "providers/registry/distribution/link_header.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace imglife {
namespace {

bool IsVisible(char c) {
  return c > ' ' && c != '\x7f';
}

// RFC 9110, 5.6.2.
bool IsInToken(char c) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         kOthers.find(c) != std::string_view::npos;
}

// RFC 5988, 5: "ptoken".
bool IsInBareValue(char c) {
  constexpr std::string_view kOthers = "()/:<=>?@[]{}";
  return IsInToken(c) || kOthers.find(c) != std::string_view::npos;
}

// Neither is in any URI; both tell that the end of one was forgotten.
bool IsInTarget(char c) {
  return c != '<' && c != '"' && (IsVisible(c) || static_cast<unsigned char>(c) >= 0x80);
}

// A registered name or a URI (RFC 8288, 3.3).
bool IsRelation(std::string_view text) {
  if (!absl::ascii_isalpha(static_cast<unsigned char>(text.front()))) return false;
  return text.find(':') != std::string_view::npos ||
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-';
         });
}

class LinkHeaderReader {
 public:
  explicit LinkHeaderReader(std::string_view header) : rest_(header) {}

  absl::StatusOr<std::vector<WebLink>> Read() {
    std::vector<WebLink> links;
    while (true) {
      SkipSpace();
      if (rest_.empty()) return links;
      if (Take(',')) continue;
      absl::StatusOr<WebLink> link = ReadLink();
      if (!link.ok()) return link.status();
      links.push_back(*std::move(link));
      if (!rest_.empty() && !Take(',')) return Wrong("something other than a comma after a link");
    }
  }

 private:
  static absl::Status Wrong(const char* what) { return absl::InvalidArgumentError(what); }

  void SkipSpace() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) {
      rest_.remove_prefix(1);
    }
  }

  bool Take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  template <typename Predicate>
  std::string_view TakeWhile(Predicate is_part) {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_part);
    const auto size = static_cast<std::size_t>(end - rest_.begin());
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  absl::StatusOr<WebLink> ReadLink() {
    if (!Take('<')) return Wrong("a link without <> around its target");
    WebLink link;
    link.target = std::string(TakeWhile([](char c) { return c != '>'; }));
    if (!Take('>')) return Wrong("a link whose target has no end");
    if (!std::all_of(link.target.begin(), link.target.end(), IsInTarget)) {
      return Wrong("a link whose target is no URL");
    }
    std::optional<std::string> rel;
    for (SkipSpace(); Take(';'); SkipSpace()) {
      const absl::Status status = ReadParameter(rel);
      if (!status.ok()) return status;
    }
    if (!rel) return Wrong("a link without rel");
    const std::vector<std::string> relations =
        absl::StrSplit(absl::AsciiStrToLower(*rel), absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (relations.empty()) return Wrong("a link whose rel is empty");
    if (!std::all_of(relations.begin(), relations.end(), IsRelation)) {
      return Wrong("a link whose rel names no relation");
    }
    link.relations.insert(relations.begin(), relations.end());
    return link;
  }

  // The first one counts.
  absl::Status ReadParameter(std::optional<std::string>& rel) {
    SkipSpace();
    const std::string name(TakeWhile(IsInToken));
    if (name.empty()) {
      const bool is_left_out = rest_.empty() || rest_.front() == ';' || rest_.front() == ',';
      return is_left_out ? absl::OkStatus() : Wrong("a parameter without a name");
    }
    SkipSpace();
    std::string value;
    if (Take('=')) {
      SkipSpace();
      absl::StatusOr<std::string> read = ReadValue();
      if (!read.ok()) return read.status();
      value = *std::move(read);
    }
    if (!rel && absl::EqualsIgnoreCase(name, "rel")) rel = std::move(value);
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> ReadValue() {
    if (!Take('"')) {
      const std::string_view bare = TakeWhile(IsInBareValue);
      if (bare.empty()) return Wrong("a parameter without a value");
      return std::string(bare);
    }
    std::string value;
    while (!rest_.empty()) {
      if (Take('"')) return value;
      Take('\\');
      if (rest_.empty()) break;
      value += rest_.front();
      rest_.remove_prefix(1);
    }
    return Wrong("a quoted value without an end");
  }

  std::string_view rest_;
};

}  // namespace

absl::StatusOr<std::vector<WebLink>> ParseLinkHeader(std::string_view header) {
  return LinkHeaderReader(header).Read();
}

}  // namespace imglife
