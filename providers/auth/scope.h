// Token scopes, "repository:NAME:pull,push" (distribution, "Token Scope Documentation").
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace imglife {

// In the order in which they are asked for: some registries look at the first only.
using Scopes = std::vector<std::string>;

Scopes PullScope(std::string_view repository);
// What a push needs, and for mounts a pull of the source.
Scopes PushScope(std::string_view repository);
Scopes DeleteScope(std::string_view repository);
// To list repositories.
Scopes CatalogScope();

// `scopes` and what `more` (separated by blanks, as a challenge has them) adds: actions to the
// scope of the same resource, other resources at the end. Unchanged if it adds nothing.
Scopes MergeScopes(Scopes scopes, std::string_view more);

// Separated by blanks.
std::string JoinScopes(const Scopes& scopes);

}  // namespace imglife
