#include "schema/image/reference.h"

#include <algorithm>

#include "schema/image/reference_grammar.h"

namespace imglife {

std::string Repository::ToString() const {
  return kind == Kind::kOciDir ? "ocidir://" + path : host + "/" + path;
}

std::string Reference::ToString() const {
  std::string text = repository.ToString();
  if (!tag.empty()) text += ":" + tag;
  if (!digest.empty()) text += "@" + digest.str();
  return text;
}

bool IsValidTag(std::string_view tag) {
  constexpr std::size_t kMaxLength = 128;
  if (tag.empty() || tag.size() > kMaxLength || tag.front() == '.' || tag.front() == '-') {
    return false;
  }
  return std::all_of(tag.begin(), tag.end(), [](char c) {
    return grammar::IsLowerOrDigit(c) || grammar::IsUpper(c) || c == '_' || c == '.' || c == '-';
  });
}

std::string ApiHost(std::string_view host) {
  return host == "docker.io" ? "registry-1.docker.io" : std::string(host);
}

bool IsLoopbackHost(std::string_view host) {
  const std::string_view name = grammar::SplitHost(host).name;
  if (name == "localhost" || name == "[::1]") return true;
  return name.starts_with("127.") && grammar::IsIpv4Address(name);
}

}  // namespace imglife
