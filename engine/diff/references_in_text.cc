#include "engine/diff/references_in_text.h"

#include <algorithm>

namespace imglife {
namespace {

constexpr std::string_view kAfterScheme = "://";

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// Can a reference begin after this text?
bool MayBegin(std::string_view before) {
  if (before.empty() || EndsWith(before, kAfterScheme)) return true;
  const char last = before.back();
  return !IsNameCharacter(last) && last != '/' && last != ':';
}

// HOST[:PORT] at the end of the text; an address may stand in brackets.
std::string_view HostAtEnd(std::string_view text) {
  std::size_t start = text.size();
  while (start > 0 && (IsNameCharacter(text[start - 1]) || text[start - 1] == ':')) --start;
  if (start > 0 && text[start - 1] == ']') {
    start = std::min(text.rfind('[', start - 1), start);
  }
  return text.substr(start);
}

// Does a name of the registry end here that begins a reference?
bool EndsWithHost(std::string_view before, const std::string& host,
                  const RegistryServers& servers) {
  const std::string_view there = HostAtEnd(before);
  before.remove_suffix(there.size());
  return MayBegin(before) && servers.ServerOf(std::string(there)) == servers.ServerOf(host);
}

}  // namespace

ReferencesInText FindReferences(std::string_view text, const Repository& repository,
                                const RegistryServers& servers) {
  const bool has_host = repository.kind == Repository::Kind::kDistribution;
  const std::string path = has_host ? "/" + repository.path : repository.ToString();
  ReferencesInText found;
  for (std::size_t at = text.find(path); at != std::string_view::npos;
       at = text.find(path, at + 1)) {
    const std::string_view before = text.substr(0, at);
    if (has_host ? !EndsWithHost(before, repository.host, servers) : !MayBegin(before)) continue;
    std::string_view rest = text.substr(at + path.size());
    if (rest.empty() || (rest.front() != ':' && rest.front() != '@')) continue;
    const bool is_tag = rest.front() == ':';
    rest.remove_prefix(1);
    const auto* end = std::find_if_not(rest.begin(), rest.end(), [&](char c) {
      return IsNameCharacter(c) || (c == ':' && !is_tag);
    });
    (is_tag ? found.tags : found.digests).emplace(rest.begin(), end);
  }
  return found;
}

MentionedRepositories::MentionedRepositories(const std::set<Repository>& repositories) {
  for (const Repository& repository : repositories) {
    if (repository.kind == Repository::Kind::kOciDir) {
      layouts_.insert(repository);
    } else {
      by_path_[repository.path].push_back(repository);
      longest_path_ = std::max(longest_path_, repository.path.size());
    }
  }
}

std::set<Repository> MentionedRepositories::In(std::string_view text) const {
  std::set<Repository> mentioned = layouts_;
  for (std::size_t end = text.find_first_of(":@"); end != std::string_view::npos;
       end = text.find_first_of(":@", end + 1)) {
    AddAtEnd(text.substr(0, end), mentioned);
  }
  return mentioned;
}

// Any slash may be the one between the host and the path.
void MentionedRepositories::AddAtEnd(std::string_view text, std::set<Repository>& mentioned) const {
  for (std::size_t start = text.size(); start > 0 && text.size() - start <= longest_path_;
       --start) {
    if (text[start - 1] != '/') continue;
    const auto named = by_path_.find(text.substr(start));
    if (named != by_path_.end()) mentioned.insert(named->second.begin(), named->second.end());
  }
}

}  // namespace imglife
