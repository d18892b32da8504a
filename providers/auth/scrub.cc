#include "providers/auth/scrub.h"

#include <string_view>
#include <utility>

#include "absl/strings/escaping.h"
#include <nlohmann/json.hpp>

#include "providers/auth/url.h"

namespace imglife {
namespace {

constexpr std::string_view kHidden = "***";
constexpr std::size_t kShortest = 4;
// A shorter one may well be a part of some other word.
constexpr std::size_t kUnmistakable = 8;

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsWholeWord(const std::string& text, std::size_t at, std::size_t size) {
  const bool starts = at == 0 || !IsWordCharacter(text[at - 1]);
  return starts && (at + size == text.size() || !IsWordCharacter(text[at + size]));
}

void Replace(std::string& text, std::string_view what) {
  if (what.size() < kShortest) return;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
    if (what.size() >= kUnmistakable || IsWholeWord(text, at, what.size())) {
      text.replace(at, what.size(), kHidden);
      at += kHidden.size();
    } else {
      ++at;
    }
  }
}

std::string InJson(const std::string& text) {
  const std::string quoted =
      nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace

std::string WithoutSecret(std::string text, const Secret& secret) {
  const std::string& value = secret.Reveal();
  Replace(text, value);
  Replace(text, InJson(value));
  Replace(text, EscapeQuery(value));
  return text;
}

void ScrubRefusal(HttpResponse& response, const Secret& authorization) {
  if (response.status < 400 || authorization.empty()) return;
  const std::string& value = authorization.Reveal();
  const std::string credential = value.substr(value.find(' ') + 1);
  response.body = WithoutSecret(std::move(response.body), Secret(credential));
  std::string login;
  if (value.starts_with("Basic ") && absl::Base64Unescape(credential, &login)) {
    const std::size_t colon = login.find(':');
    if (colon == std::string::npos) return;
    response.body = WithoutSecret(std::move(response.body), Secret(login.substr(colon + 1)));
  }
}

}  // namespace imglife
