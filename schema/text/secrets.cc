#include "schema/text/secrets.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace imglife {
namespace {

constexpr std::string_view kMask = "***";

// Prefixes that nothing but a token has.
constexpr std::array<std::string_view, 10> kTokenPrefixes = {
    "glpat-", "gldt-",       "glcbt-",    "ghp_",      "gho_",
    "ghs_",   "github_pat_", "dckr_pat_", "dckr_oat_", "xoxb-"};
// AWS key ids; ordinary words when nothing follows.
constexpr std::array<std::string_view, 2> kKeyIdPrefixes = {"AKIA", "ASIA"};

bool IsUpperOrDigit(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsWordByte(char c) {
  return IsUpperOrDigit(c) || (c >= 'a' && c <= 'z') || c == '_' || c == '-' || c == '.';
}

bool IsSchemeByte(char c) {
  return (IsWordByte(c) && c != '_') || c == '+';
}

std::size_t WordLength(std::string_view text) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), IsWordByte) -
                                  text.begin());
}

bool StartsWithAny(std::string_view text, const auto& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return text.starts_with(prefix); });
}

bool StartsLikeToken(std::string_view text) {
  if (StartsWithAny(text, kTokenPrefixes)) return true;
  if (StartsWithAny(text, kKeyIdPrefixes)) return text.size() > 4 && IsUpperOrDigit(text[4]);
  if (!text.starts_with("eyJ")) return false;
  const std::string_view word = text.substr(0, WordLength(text));
  return std::count(word.begin(), word.end(), '.') >= 2;
}

// Also behind letters, as a variable may put one there. The short ones end words ("highs_").
bool StartsWithLongPrefix(std::string_view text) {
  constexpr std::size_t kShort = 4;
  return std::any_of(kTokenPrefixes.begin(), kTokenPrefixes.end(), [&](std::string_view prefix) {
    return prefix.size() > kShort && text.starts_with(prefix);
  });
}

// The length of the userinfo of a URL whose authority starts `text`, without its @; 0 if there is
// none that has to be hidden.
std::size_t UserinfoLength(std::string_view scheme, std::string_view text) {
  const std::string_view authority = text.substr(0, text.find_first_of("/?# \t\r\n\"'`<>"));
  const std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos) return 0;
  const bool user_alone = authority.substr(0, at).find(':') == std::string_view::npos;
  if (user_alone && (scheme == "ssh" || scheme == "git+ssh")) return 0;
  return at;
}

// The scheme that ends where `text` ends.
std::string_view SchemeBefore(std::string_view text) {
  constexpr std::size_t kLongest = 32;
  std::size_t start = text.size();
  while (start > 0 && text.size() - start < kLongest && IsSchemeByte(text[start - 1])) --start;
  return text.substr(start);
}

// "localhost", "host.example" or "host:5000". "sha256:…" is none.
bool IsServer(std::string_view text) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::string_view name = text.substr(0, colon);
  const std::string_view port = text.substr(std::min(colon + 1, text.size()));
  if (name.empty() || port.size() > 5) return false;
  if (!std::all_of(name.begin(), name.end(), IsWordByte)) return false;
  if (!std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return false;
  }
  return name == "localhost" || name.find('.') != std::string_view::npos || !port.empty();
}

// "user:password@host.example/…", a URL without its scheme. "name:tag@sha256:…" is none.
bool IsLoginAtHost(std::string_view value) {
  const std::string_view authority = value.substr(0, value.find('/'));
  const std::size_t at = authority.rfind('@');
  if (authority.size() == value.size() || at == std::string_view::npos) return false;
  const std::string_view login = authority.substr(0, at);
  if (login.find(':') == std::string_view::npos) return false;
  if (login.find_first_of(" \t\r\n\"'`<>(){}") != std::string_view::npos) return false;
  return IsServer(authority.substr(at + 1));
}

}  // namespace

bool IsCredential(std::string_view value) {
  if (StartsLikeToken(value) || IsLoginAtHost(value)) return true;
  const std::size_t separator = value.find("://");
  if (separator == std::string_view::npos) return false;
  const std::string_view scheme = value.substr(0, separator);
  if (!std::all_of(scheme.begin(), scheme.end(), IsSchemeByte)) return false;
  return UserinfoLength(scheme, value.substr(separator + 3)) > 0;
}

std::string RedactCredentials(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::size_t i = 0;
  while (i < text.size()) {
    const bool word_starts = i == 0 || text[i - 1] == '.' || !IsWordByte(text[i - 1]);
    const std::string_view rest = text.substr(i);
    if (StartsWithLongPrefix(rest) || (word_starts && StartsLikeToken(rest))) {
      out += kMask;
      i += WordLength(rest);
    } else if (rest.starts_with("://")) {
      out += "://";
      i += 3;
      const std::size_t hidden =
          UserinfoLength(SchemeBefore(text.substr(0, i - 3)), text.substr(i));
      if (hidden > 0) out += kMask;
      i += hidden;
    } else {
      out += text[i];
      ++i;
    }
  }
  return out;
}

}  // namespace imglife
