#include "schema/image/reference_grammar.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

namespace imglife::grammar {
namespace {

bool IsLabel(std::string_view label) {
  if (label.empty() || label.front() == '-' || label.back() == '-') return false;
  return std::all_of(label.begin(), label.end(),
                     [](char c) { return IsLowerOrDigit(c) || IsUpper(c) || c == '-'; });
}

// The length of the separator that `text` begins with, or 0.
std::size_t SeparatorLength(std::string_view text) {
  if (text.starts_with("__")) return 2;
  if (text.starts_with('_') || text.starts_with('.')) return 1;
  return std::min(text.find_first_not_of('-'), text.size());
}

bool IsComponent(std::string_view component) {
  if (component.empty()) return false;
  while (true) {
    const std::size_t word = static_cast<std::size_t>(
        std::find_if_not(component.begin(), component.end(), IsLowerOrDigit) - component.begin());
    if (word == 0) return false;
    component.remove_prefix(word);
    if (component.empty()) return true;
    const std::size_t separator = SeparatorLength(component);
    if (separator == 0) return false;
    component.remove_prefix(separator);
  }
}

bool IsIpv6Address(std::string_view text) {
  in6_addr address{};
  return inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

template <typename Predicate>
bool AllBetween(std::string_view text, char separator, Predicate predicate) {
  while (true) {
    const std::size_t end = text.find(separator);
    if (!predicate(text.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

std::string ToLower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (IsUpper(c)) c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

HostParts SplitHost(std::string_view host) {
  const std::size_t bracket = host.starts_with('[') ? host.find(']') : std::string_view::npos;
  const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon == std::string_view::npos) return {.name = host, .port = std::nullopt};
  return {.name = host.substr(0, colon), .port = host.substr(colon + 1)};
}

bool IsIpv4Address(std::string_view text) {
  in_addr address{};
  return inet_pton(AF_INET, std::string(text).c_str(), &address) == 1;
}

bool IsHostName(std::string_view name) {
  if (name.starts_with('[')) {
    return name.ends_with(']') && IsIpv6Address(name.substr(1, name.size() - 2));
  }
  return AllBetween(name, '.', IsLabel);
}

bool IsPort(std::string_view port) {
  constexpr int kHighest = 65535;
  if (port.empty() || port.front() < '1' || port.front() > '9') return false;
  int number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  return error == std::errc() && end == port.data() + port.size() && number <= kHighest;
}

bool LooksLikeHost(std::string_view component) {
  return component.find_first_of(".:") != std::string_view::npos ||
         ToLower(component) == "localhost";
}

bool IsPath(std::string_view path) {
  return AllBetween(path, '/', IsComponent);
}

}  // namespace imglife::grammar
