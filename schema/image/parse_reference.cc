#include <algorithm>
#include <filesystem>

#include "absl/status/status.h"
#include <fmt/format.h>

#include "schema/image/reference.h"
#include "schema/image/reference_grammar.h"
#include "schema/text/escape.h"

namespace imglife {
namespace {

constexpr std::string_view kOciDirScheme = "ocidir://";
// distribution's RepositoryNameTotalLengthMax.
constexpr std::size_t kMaxNameLength = 255;

absl::Status NoReference(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(
      fmt::format("`{}` is no image reference: {}", EscapeControl(text), why));
}

bool IsDockerHub(std::string_view host) {
  return host == kDockerHub || host == "index.docker.io" || host == "registry-1.docker.io";
}

bool HasUpper(std::string_view text) {
  return std::any_of(text.begin(), text.end(), grammar::IsUpper);
}

bool IsBareDigest(std::string_view name) {
  return name.size() == 64 && name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

absl::Status CheckHost(std::string_view text, std::string_view host) {
  const grammar::HostParts parts = grammar::SplitHost(host);
  if (parts.port && !grammar::IsPort(*parts.port)) {
    return NoReference(text, "its port must be a number from 1 to 65535");
  }
  if (!grammar::IsHostName(parts.name)) {
    return NoReference(text, fmt::format("`{}` is no host name", EscapeControl(parts.name)));
  }
  return absl::OkStatus();
}

absl::Status CheckPath(std::string_view text, std::string_view path) {
  if (path.empty()) return NoReference(text, "where is the repository?");
  if (HasUpper(path)) {
    return NoReference(text, fmt::format("the name of a repository has no upper case; write `{}`",
                                         EscapeControl(grammar::ToLower(path))));
  }
  if (!grammar::IsPath(path)) {
    return NoReference(text, fmt::format("`{}` is no repository name: lower-case letters and "
                                         "digits, with . _ or - between them",
                                         EscapeControl(path)));
  }
  return absl::OkStatus();
}

// `text` is the whole reference, `name` what is left of it without tag and digest.
absl::StatusOr<Repository> RepositoryOf(std::string_view text, std::string_view name) {
  const std::size_t slash = name.find('/');
  const std::string_view first = name.substr(0, slash);
  Repository repository{.host = std::string(kDockerHub), .path = std::string(name)};
  if (grammar::LooksLikeHost(first)) {
    if (slash == std::string_view::npos) {
      return NoReference(text, "it looks like a host alone: where is the repository?");
    }
    if (absl::Status status = CheckHost(text, first); !status.ok()) return status;
    repository.host = grammar::ToLower(first);
    repository.path = name.substr(slash + 1);
  } else if (slash != std::string_view::npos && HasUpper(first)) {
    return NoReference(text, fmt::format("`{}` is neither a host (it has no dot and no port) nor "
                                         "the lower-case start of a name on Docker Hub",
                                         EscapeControl(first)));
  } else if (IsBareDigest(name)) {
    return NoReference(text, "64 hexadecimal digits alone could be a digest or an image's name");
  }
  if (absl::Status status = CheckPath(text, repository.path); !status.ok()) return status;
  if (IsDockerHub(repository.host)) {
    repository.host = kDockerHub;
    if (repository.path.find('/') == std::string::npos) repository.path.insert(0, "library/");
  }
  if (repository.path.size() > kMaxNameLength) {
    return NoReference(text, fmt::format("its name is longer than {} characters", kMaxNameLength));
  }
  return repository;
}

// "https://" of a URL, or empty.
std::string_view SchemeOf(std::string_view text) {
  constexpr std::string_view kMark = "://";
  const std::size_t mark = text.find(kMark);
  if (mark == std::string_view::npos || text.find('/') < mark) return "";
  return text.substr(0, mark + kMark.size());
}

// `./m`, `m/` and `m` are one directory.
std::string NormalDirectory(std::string_view directory) {
  std::string path = std::filesystem::path(directory).lexically_normal().string();
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

absl::StatusOr<Repository> LayoutAt(std::string_view text, std::string_view directory) {
  if (directory.empty()) return NoReference(text, "ocidir:// must be followed by a directory");
  if (std::any_of(directory.begin(), directory.end(),
                  [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; })) {
    return NoReference(text, "a directory has no control characters");
  }
  return Repository{
      .kind = Repository::Kind::kOciDir, .host = "", .path = NormalDirectory(directory)};
}

// Where the tag's colon is: the last one, if no '/' follows it.
std::size_t TagColon(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  if (colon == std::string_view::npos) return colon;
  return name.find('/', colon) == std::string_view::npos ? colon : std::string_view::npos;
}

// Is `name` a host with a port and nothing else ("localhost:5000"), not a name with a tag?
bool IsHostWithPort(std::string_view name) {
  const std::size_t colon = name.find(':');
  if (colon == std::string_view::npos || name.find('/') != std::string_view::npos) return false;
  const std::string_view host = name.substr(0, colon);
  return grammar::LooksLikeHost(host) && grammar::IsPort(name.substr(colon + 1));
}

}  // namespace

absl::StatusOr<Reference> ParseReference(std::string_view text) {
  const bool layout = text.starts_with(kOciDirScheme);
  std::string_view name = layout ? text.substr(kOciDirScheme.size()) : text;
  if (text.empty()) return NoReference(text, "it is empty");
  if (const std::string_view scheme = layout ? "" : SchemeOf(text); !scheme.empty()) {
    return NoReference(
        text, fmt::format("leave out `{}`, as a reference has no scheme", EscapeControl(scheme)));
  }
  Reference reference;

  if (const std::size_t at = name.rfind('@'); at != std::string_view::npos) {
    absl::StatusOr<Digest> digest = Digest::Parse(name.substr(at + 1));
    if (!digest.ok() && !layout) {
      return NoReference(text, "after @ comes a digest, sha256: and 64 hexadecimal digits");
    }
    if (digest.ok()) {
      reference.digest = *std::move(digest);
      name = name.substr(0, at);
    }
  }
  if (const std::size_t colon = TagColon(name);
      colon != std::string_view::npos && (layout || !IsHostWithPort(name))) {
    reference.tag = name.substr(colon + 1);
    if (!IsValidTag(reference.tag)) {
      return NoReference(text, fmt::format("`{}` is no tag: at most 128 letters, digits, _ . and "
                                           "-, not beginning with . or -",
                                           EscapeControl(reference.tag)));
    }
    name = name.substr(0, colon);
  }
  absl::StatusOr<Repository> repository = layout ? LayoutAt(text, name) : RepositoryOf(text, name);
  if (!repository.ok()) return repository.status();
  reference.repository = *std::move(repository);
  return reference;
}

absl::StatusOr<Repository> ParseRepository(std::string_view text) {
  absl::StatusOr<Reference> reference = ParseReference(text);
  if (!reference.ok()) return reference.status();
  if (!reference->tag.empty() || !reference->digest.empty()) {
    return absl::InvalidArgumentError(
        fmt::format("`{}` is no repository: it has a {}; write `{}`", EscapeControl(text),
                    reference->tag.empty() ? "digest" : "tag", reference->repository.ToString()));
  }
  return std::move(reference->repository);
}

}  // namespace imglife
