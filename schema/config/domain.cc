#include "schema/config/domain.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "fmt/format.h"

#include "schema/config/fields.h"
#include "schema/config/scalars.h"
#include "schema/config/variables.h"
#include "schema/image/platform.h"
#include "schema/image/reference.h"

namespace imglife {
namespace {

std::string Message(const absl::Status& status) {
  return std::string(status.message().data(), status.message().size());
}

// Any repository below the prefix, to have the prefix parsed as the start of one.
constexpr std::string_view kBelow = "/x";

void ReportPrefix(const Value& value, const std::string& text) {
  const absl::Status status = ParseRepository(text).status();
  value.ReportExpanded(
      "bad-reference",
      status.ok() ? fmt::format("`{}` can't start a repository's name", text) : Message(status));
}

constexpr std::string_view kQueryOrFragment = "?#";
constexpr std::string_view kAsPathsFollow =
    " without query and fragment, as paths are put behind it";

bool HasQueryOrFragment(std::string_view url) {
  return url.find_first_of(kQueryOrFragment) != std::string_view::npos;
}

// With query and fragment, or without.
bool IsAnyHttpUrl(std::string_view text) {
  if (text.starts_with("https://")) {
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    text.remove_prefix(7);
  } else {
    return false;
  }
  const std::string_view host = text.substr(0, text.find_first_of("/?#"));
  const bool has_host = !host.empty() && !host.starts_with(':') && !host.ends_with(':');
  const bool clean = std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte >= 0x7F ||
           std::string_view("\"'<>\\^`{|}").find(c) != std::string_view::npos;
  });
  return has_host && clean && host.find('@') == std::string_view::npos;
}

void ReportNoUrl(const Value& value, std::string_view condition) {
  const std::string& written = value.node().text();
  if (HasQueryOrFragment(written)) value.context().credential_lines.insert(value.at().line);
  value.ReportExpanded(
      "bad-url", fmt::format("expected a URL such as https://gitlab.example.com{}, found `{}`",
                             condition, ShownUrl(written)));
}

}  // namespace

std::string JoinPath(std::string_view directory, std::string_view path) {
  if (path.starts_with('/') || directory.empty() || directory == ".") return std::string(path);
  return fmt::format("{}{}{}", directory, directory.ends_with('/') ? "" : "/", path);
}

std::optional<Repository> ReadRepository(const Value& value) {
  const std::optional<std::string> text = ReadSomeText(value);
  if (!text) return std::nullopt;
  absl::StatusOr<Repository> repository = ParseRepository(*text);
  if (!repository.ok()) {
    value.ReportExpanded("bad-reference", Message(repository.status()));
    return std::nullopt;
  }
  return *std::move(repository);
}

std::optional<Repository> ReadRepositoryPrefix(const Value& value) {
  const std::optional<std::string> text = ReadSomeText(value);
  if (!text) return std::nullopt;
  absl::StatusOr<Repository> below = ParseRepository(*text + std::string(kBelow));
  if (!below.ok() || !(below->host + "/" + below->path).ends_with(kBelow)) {
    ReportPrefix(value, *text);
    return std::nullopt;
  }
  Repository prefix = *std::move(below);
  const std::size_t slash = prefix.path.rfind('/');
  prefix.path.resize(slash == std::string::npos ? 0 : slash);
  return prefix;
}

std::optional<std::string> ReadTag(const Value& value) {
  std::optional<std::string> tag = ReadSomeText(value);
  if (!tag) return std::nullopt;
  if (!IsValidTag(*tag)) {
    value.ReportExpanded(
        "bad-tag", fmt::format("`{}` is no tag: a tag has 1 to 128 letters, digits, `_`, `.` and "
                               "`-`, and starts with a letter, a digit or `_`",
                               *tag));
    return std::nullopt;
  }
  return tag;
}

std::vector<Platform> ReadPlatforms(const Value& value) {
  std::vector<Platform> platforms;
  for (const Value& item : ReadList(value)) {
    const std::optional<std::string> text = ReadSomeText(item);
    if (!text) continue;
    absl::StatusOr<Platform> platform = Platform::Parse(*text);
    if (!platform.ok()) {
      item.ReportExpanded("bad-platform", Message(platform.status()));
    } else if (std::find(platforms.begin(), platforms.end(), *platform) != platforms.end()) {
      item.Report("duplicate-platform", fmt::format("{} is listed twice", platform->ToString()));
    } else {
      platforms.push_back(*std::move(platform));
    }
  }
  return platforms;
}

bool IsHttpUrl(std::string_view text) {
  return IsAnyHttpUrl(text) && !HasQueryOrFragment(text);
}

std::string ShownUrl(std::string_view text) {
  if (!HasQueryOrFragment(text)) return std::string(text);
  return fmt::format("{}***", text.substr(0, text.find_first_of(kQueryOrFragment) + 1));
}

std::optional<std::string> ReadUrl(const Value& value) {
  std::optional<std::string> url = ReadSomeText(value);
  if (!url || IsHttpUrl(*url)) return url;
  ReportNoUrl(value, HasQueryOrFragment(*url) ? kAsPathsFollow : "");
  return std::nullopt;
}

std::optional<std::string> ReadUrlWithQuery(const Value& value) {
  std::optional<std::string> url = ReadSomeText(value);
  if (!url) return std::nullopt;
  const bool has_fragment = url->find('#') != std::string::npos;
  if (IsAnyHttpUrl(*url) && !has_fragment) return url;
  ReportNoUrl(value, has_fragment ? " without fragment" : "");
  return std::nullopt;
}

std::optional<std::string> ReadVariableName(const Value& value) {
  std::optional<std::string> name = ReadText(value);
  if (!name) return std::nullopt;
  if (!IsVariableName(*name)) {
    // What it holds may be the secret itself.
    value.Report("bad-value",
                 "expected the name of an environment variable, such as SLACK_WEBHOOK_URL: "
                 "secrets aren't written here, nor put here with `$`");
    return std::nullopt;
  }
  return name;
}

std::optional<absl::Duration> ReadDuration(const Value& value) {
  const std::optional<std::string> text = ReadSomeText(value);
  if (!text) return std::nullopt;
  absl::Duration duration;
  const bool written_well =
      text->find_first_not_of("0123456789hms") == std::string::npos && *text != "0";
  if (!written_well || !absl::ParseDuration(*text, &duration)) {
    value.Report("bad-duration",
                 fmt::format("expected a duration such as 30s, 2m or 1h30m, found `{}`",
                             value.node().text()));
    return std::nullopt;
  }
  if (duration < absl::Milliseconds(1) || duration > absl::Hours(24)) {
    value.Report("out-of-range",
                 fmt::format("must be from 1ms to 24h, found {}", value.node().text()));
    return std::nullopt;
  }
  return duration;
}

std::optional<WrittenPath> ReadPath(const Value& value) {
  std::optional<std::string> written = ReadSomeText(value);
  if (!written) return std::nullopt;
  std::string joined = JoinPath(value.context().directory, *written);
  return WrittenPath{*std::move(written), std::move(joined)};
}

std::optional<KeepLastPer> ReadKeepLastPer(const Value& value) {
  static constexpr std::array<std::pair<std::string_view, KeepLastPer>, 5> kWords = {
      {{"all", KeepLastPer::kAll},
       {"major", KeepLastPer::kMajor},
       {"minor", KeepLastPer::kMinor},
       {"suffix", KeepLastPer::kSuffix},
       {"minor+suffix", KeepLastPer::kMinorSuffix}}};
  return ReadWord(value, kWords);
}

}  // namespace imglife
