// Credentials that stand in text where none belong (config.md: credentials never go in this file).
#pragma once

#include <string>
#include <string_view>

namespace imglife {

// Does `value` start like a token of GitLab, GitHub, Docker Hub, AWS or Slack, or like a JSON Web
// Token, or is it a URL with userinfo? A user name alone in an ssh:// URL is how git addresses are
// written, and no credential.
bool IsCredential(std::string_view value);

// `text` with *** for every word in it that IsCredential, and for the userinfo of URLs. For
// messages and source lines; linear in the length of `text`.
std::string RedactCredentials(std::string_view text);

}  // namespace imglife
