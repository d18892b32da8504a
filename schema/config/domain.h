// Values of imglife.yaml that mean something: references, tags, regular expressions, URLs, paths.
// Every function returns nothing after it has reported why.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

#include "schema/config/config.h"
#include "schema/config/value.h"

namespace imglife {

// Bounds of the integers, so that nothing computed from them can overflow.
inline constexpr std::int64_t kMostCount = 1'000'000;
inline constexpr std::int64_t kMostDays = 36'500;

// A repository without tag and digest; an image layout as it is written (LayoutDirectory says where
// it is).
std::optional<Repository> ReadRepository(const Value& value);

// What other repositories' names are put behind: HOST, HOST/PATH or ocidir://DIRECTORY. A host
// alone gives an empty path; `myorg` and `docker.io/myorg` are both Docker Hub's myorg, not
// library/myorg.
std::optional<Repository> ReadRepositoryPrefix(const Value& value);

std::optional<std::string> ReadTag(const Value& value);

// An RE2, as it is written. `groups`, if given, is how many capturing groups it must have.
std::optional<std::string> ReadRegex(const Value& value);

// Reports what RE2 says about `pattern`, which stands `offset` bytes into the value.
bool CheckRegex(const Value& value, std::string_view pattern, std::size_t offset,
                std::optional<int> groups);

std::vector<Platform> ReadPlatforms(const Value& value);

// http:// or https:// with a host, without userinfo, query and fragment: paths are put behind it.
std::optional<std::string> ReadUrl(const Value& value);
bool IsHttpUrl(std::string_view text);
// The same, but a query is fine.
std::optional<std::string> ReadUrlWithQuery(const Value& value);
// The URL for messages: `https://mirror.example.com/eol?***`, as a query may hold a secret.
std::string ShownUrl(std::string_view text);

// The name of an environment variable.
std::optional<std::string> ReadVariableName(const Value& value);

// From 1ms to 24h: `30s`, `2m`, `1h30m`.
std::optional<absl::Duration> ReadDuration(const Value& value);

// A path as it is written, and joined with the file's directory.
struct WrittenPath {
  std::string written;
  std::string joined;
};
std::optional<WrittenPath> ReadPath(const Value& value);
std::string JoinPath(std::string_view directory, std::string_view path);

std::optional<KeepLastPer> ReadKeepLastPer(const Value& value);

}  // namespace imglife
