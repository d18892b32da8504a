#include "engine/order/os_variant.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "engine/order/tag_order.h"

namespace imglife {
namespace {

// Names that images use, sorted. Debian and Ubuntu by codename too.
constexpr std::array<std::string_view, 45> kSystems = {"alma",
                                                       "almalinux",
                                                       "alpine",
                                                       "amazonlinux",
                                                       "bionic",
                                                       "bookworm",
                                                       "bullseye",
                                                       "busybox",
                                                       "buster",
                                                       "centos",
                                                       "debian",
                                                       "duke",
                                                       "fedora",
                                                       "focal",
                                                       "forky",
                                                       "jammy",
                                                       "jessie",
                                                       "kinetic",
                                                       "lunar",
                                                       "mantic",
                                                       "nanoserver",
                                                       "noble",
                                                       "ol",
                                                       "oracle",
                                                       "oraclelinux",
                                                       "oracular",
                                                       "photon",
                                                       "plucky",
                                                       "questing",
                                                       "resolute",
                                                       "rhel",
                                                       "rocky",
                                                       "rockylinux",
                                                       "sid",
                                                       "stretch",
                                                       "trixie",
                                                       "trusty",
                                                       "ubi",
                                                       "ubuntu",
                                                       "wheezy",
                                                       "windowsservercore",
                                                       "wolfi",
                                                       "xenial",
                                                       "zesty",
                                                       "hirsute"};

// Editions of a system, which may stand beside its name or for it.
constexpr std::array<std::string_view, 3> kEditions = {"slim", "minimal", "micro"};

template <std::size_t N>
bool Has(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool IsNumber(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isdigit(c) != 0 || c == '.'; });
}

// `ltsc2025`, `1809`, `20H2`: which Windows Server.
bool IsWindowsRelease(std::string_view word) {
  constexpr std::string_view kLongTerm = "ltsc";
  if (word.substr(0, kLongTerm.size()) == kLongTerm) word.remove_prefix(kLongTerm.size());
  return word.size() == 4 && IsNumber(word.substr(0, 2));
}

bool IsWindows(std::string_view word) {
  return word == "nanoserver" || word == "windowsservercore";
}

bool IsOsWord(std::string_view word) {
  const auto letters = static_cast<std::size_t>(
      std::find_if(word.begin(), word.end(), [](unsigned char c) { return std::isalpha(c) == 0; }) -
      word.begin());
  return Has(kSystems, word.substr(0, letters)) && IsNumber(word.substr(letters));
}

}  // namespace

bool NamesOnlyOsVariant(std::string_view tag) {
  bool windows = false;
  while (true) {
    const std::size_t dash = tag.find('-');
    const std::string_view word = tag.substr(0, dash);
    const bool release = windows && IsWindowsRelease(word);
    if (!IsOsWord(word) && !Has(kEditions, word) && !release) return false;
    windows = IsWindows(word);
    if (dash == std::string_view::npos) return true;
    tag.remove_prefix(dash + 1);
  }
}

std::string VersionOfTag(std::string_view tag) {
  const ParsedTag parsed = ParseTag(tag);
  if (parsed.kind != TagKind::kVersion || !parsed.prefix.empty()) return "";
  if (parsed.suffix.empty()) return std::string(tag);
  tag.remove_suffix(parsed.suffix.size());
  if (!tag.empty() && std::isalnum(static_cast<unsigned char>(tag.back())) == 0) {
    tag.remove_suffix(1);
  }
  return std::string(tag);
}

std::vector<std::string> VersionsOfVariant(const std::vector<std::string>& tags,
                                           const std::string& variant) {
  std::vector<ListedTag> versions;
  for (const std::string& tag : tags) {
    if (!VersionOfTag(tag).empty()) versions.push_back({tag, std::nullopt});
  }
  std::vector<std::string> sorted = SortNewestFirst(versions);
  std::stable_partition(sorted.begin(), sorted.end(),
                        [&](const std::string& tag) { return ParseTag(tag).suffix == variant; });
  return sorted;
}

}  // namespace imglife
