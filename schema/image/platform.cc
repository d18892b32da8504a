#include "schema/image/platform.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/status/status.h"
#include <fmt/format.h>

namespace imglife {
namespace {

std::vector<std::string> SplitLowerCase(std::string_view text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == '/') {
      parts.emplace_back();
    } else {
      parts.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return parts;
}

bool IsName(const std::string& text) {
  return !text.empty() &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.-") == std::string::npos;
}

// containerd's platforms package: NormalizeArch.
void Normalise(Platform& platform) {
  static const std::map<std::string, std::pair<std::string, std::string>, std::less<>> kArch = {
      {"aarch64", {"arm64", ""}}, {"armel", {"arm", "v6"}},  {"armhf", {"arm", "v7"}},
      {"i386", {"386", ""}},      {"x86-64", {"amd64", ""}}, {"x86_64", {"amd64", ""}}};
  if (platform.os == "macos") platform.os = "darwin";
  if (const auto known = kArch.find(platform.architecture); known != kArch.end()) {
    platform.architecture = known->second.first;
    if (platform.variant.empty()) platform.variant = known->second.second;
  }
  if (platform.architecture == "arm" && !platform.variant.empty() &&
      platform.variant.front() != 'v') {
    platform.variant.insert(0, "v");
  }
}

std::string_view Variant(const Platform& platform) {
  if (platform.architecture == "arm64" && platform.variant == "v8") return "";
  return platform.variant;
}

}  // namespace

absl::StatusOr<Platform> Platform::Parse(std::string_view text) {
  const std::vector<std::string> parts = SplitLowerCase(text);
  if (parts.size() < 2 || parts.size() > 3 || !std::all_of(parts.begin(), parts.end(), IsName)) {
    return absl::InvalidArgumentError(fmt::format(
        "`{}` is no platform: write OS/ARCHITECTURE[/VARIANT], as in linux/arm64", text));
  }
  Platform platform{.os = parts[0], .architecture = parts[1]};
  if (parts.size() == 3) platform.variant = parts[2];
  Normalise(platform);
  return platform;
}

std::string Platform::ToString() const {
  std::string text = os + "/" + architecture;
  if (!variant.empty()) text += "/" + variant;
  return text;
}

bool Platform::Accepts(const Platform& image) const {
  if (os != image.os || architecture != image.architecture) return false;
  return variant.empty() || Variant(*this) == Variant(image);
}

}  // namespace imglife
