// Platforms ("linux/arm64/v8"; OCI image-spec 1.1, image-index.md).
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace imglife {

struct Platform {
  std::string os;
  std::string architecture;
  std::string variant;
  std::string os_version;

  // "OS/ARCH[/VARIANT]". InvalidArgument names what is wrong. aarch64, x86_64, armhf and the like
  // are normalised as containerd does (arm64, amd64, arm/v7).
  static absl::StatusOr<Platform> Parse(std::string_view text);
  // "linux/arm64/v8"; the OS version is not part of it.
  std::string ToString() const;
  // Does an image for `image` run where this was asked for? No variant asked means any; arm64 and
  // arm64/v8 are one.
  bool Accepts(const Platform& image) const;
  // BuildKit's attestations are children of platform unknown/unknown (protocol notes 3.3).
  bool IsUnknown() const { return os == "unknown" && architecture == "unknown"; }

  friend auto operator<=>(const Platform&, const Platform&) = default;
};

}  // namespace imglife
