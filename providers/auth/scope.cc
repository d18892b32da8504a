#include "providers/auth/scope.h"

#include <algorithm>

#include <fmt/format.h>

namespace imglife {
namespace {

// A challenge that asks for more is not answered with all of it.
constexpr std::size_t kMaxScopes = 32;

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// "repository:NAME" of "repository:NAME:pull,push"; a name may hold a port's colon.
std::string_view Resource(std::string_view scope) {
  return scope.substr(0, scope.rfind(':'));
}

std::string_view Actions(std::string_view scope) {
  const std::size_t colon = scope.rfind(':');
  return colon == std::string_view::npos ? "" : scope.substr(colon + 1);
}

std::string WithActions(std::string scope, std::string_view more) {
  std::vector<std::string> actions = Split(Actions(scope), ',');
  for (const std::string& action : Split(more, ',')) {
    if (std::find(actions.begin(), actions.end(), action) != actions.end()) continue;
    actions.push_back(action);
    scope += (scope.back() == ':' ? "" : ",") + action;
  }
  return scope;
}

}  // namespace

Scopes PullScope(std::string_view repository) {
  return {fmt::format("repository:{}:pull", repository)};
}

Scopes PushScope(std::string_view repository) {
  return {fmt::format("repository:{}:pull,push", repository)};
}

Scopes DeleteScope(std::string_view repository) {
  return {fmt::format("repository:{}:pull,push,delete", repository)};
}

Scopes CatalogScope() {
  return {"registry:catalog:*"};
}

Scopes MergeScopes(Scopes scopes, std::string_view more) {
  for (const std::string& scope : Split(more, ' ')) {
    const auto same = std::find_if(scopes.begin(), scopes.end(), [&scope](const std::string& one) {
      return Resource(one) == Resource(scope);
    });
    if (same != scopes.end()) {
      *same = WithActions(*same, Actions(scope));
    } else if (scopes.size() < kMaxScopes) {
      scopes.push_back(scope);
    }
  }
  return scopes;
}

std::string JoinScopes(const Scopes& scopes) {
  return fmt::format("{}", fmt::join(scopes, " "));
}

}  // namespace imglife
