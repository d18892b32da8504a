#include "providers/git/remote_access.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/match.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

#include "providers/git/clean_url.h"
#include "schema/image/reference.h"

namespace imglife {
namespace {

constexpr absl::Duration kNetworkTimeout = absl::Minutes(10);

// GitLab and GitHub take any user name beside a token; this is the one of their documentation.
constexpr std::string_view kHelper =
    "!f() { test \"$1\" = get || return 0; echo username=oauth2; "
    "printf 'password=%s\\n' \"$IMGLIFE_GIT_TOKEN\"; }; f";

// What stands in the settings, and what git makes of it (url.*.insteadOf, remote.*.pushurl).
struct RemoteUrl {
  std::string written;
  std::string effective;
};

absl::StatusOr<RemoteUrl> FindUrl(const GitCommand& git, const std::string& remote, bool push) {
  std::vector<std::string> get{"remote", "get-url"};
  if (push) get.push_back("--push");
  get.insert(get.end(), {"--", remote});
  const auto effective = git.Run(get);
  if (!effective.ok()) return effective.status();
  // Not the name of a remote: an address, or something for git itself to complain about.
  if (effective->exit_code != 0) return RemoteUrl{remote, remote};
  const std::string url = effective->out.substr(0, effective->out.find('\n'));
  for (const char* const key : {"pushurl", "url"}) {
    if (!push && std::string_view(key) == "pushurl") continue;
    const auto written =
        git.Run({"config", "--null", "--get-all", fmt::format("remote.{}.{}", remote, key)});
    if (!written.ok()) return written.status();
    if (written->exit_code == 0) {
      return RemoteUrl{written->out.substr(0, written->out.find('\0')), url};
    }
  }
  return RemoteUrl{url, url};
}

// Without scheme and port.
std::string HostOf(std::string_view origin) {
  std::string_view host = origin.substr(std::min(origin.find("://") + 3, origin.size()));
  const std::size_t port = host.rfind(':');
  if (port != std::string_view::npos && host.find(']', port) == std::string_view::npos) {
    host = host.substr(0, port);
  }
  return std::string(host);
}

// Why the token doesn't go to `url`; empty: it may.
std::string WhyWithoutToken(const RemoteUrl& url, const GitPushSpec& spec) {
  const std::string clean = CleanUrl(url.effective);
  if (!HasHttpScheme(clean)) return "the remote isn't reached by https";
  const std::string origin = OriginOf(clean);
  const std::string host = HostOf(origin);
  if (absl::StartsWithIgnoreCase(origin, "http://") && !IsLoopbackHost(host)) {
    return "it goes over https only";
  }
  const auto& hosts = spec.token_hosts;
  const bool is_for_it =
      hosts.empty() || std::any_of(hosts.begin(), hosts.end(), [&](const std::string& one) {
        return absl::EqualsIgnoreCase(one, host);
      });
  return is_for_it ? "" : fmt::format("it is for {}, not for {}", fmt::join(hosts, ", "), host);
}

void OfferToken(const RemoteUrl& url, GitCall& call) {
  const std::string clean = CleanUrl(url.effective);
  // The longest prefix wins, and nothing is longer than the whole.
  call.config.emplace_back(fmt::format("url.{}.insteadOf", clean), url.written);
  call.config.emplace_back(fmt::format("url.{}.pushInsteadOf", clean), url.written);
  const std::string helper = fmt::format("credential.{}.helper", OriginOf(clean));
  // Empty: forget all other helpers, which might answer first or store the token.
  call.config.emplace_back(helper, "");
  call.config.emplace_back(helper, kHelper);
}

}  // namespace

absl::StatusOr<RemoteAccess> AccessTo(const GitCommand& git, const GitPushSpec& spec) {
  RemoteAccess access;
  access.call.timeout = kNetworkTimeout;
  // Nothing goes on in the background when the call has ended.
  access.call.config.emplace_back("gc.auto", "0");
  access.call.config.emplace_back("maintenance.auto", "false");
  if (spec.token.empty()) return access;
  if (spec.token.Reveal().find_first_of(std::string_view("\n\r\0", 3)) != std::string::npos) {
    return absl::InvalidArgumentError(
        "the token for git holds a line break; set it without one (GITLAB_TOKEN)");
  }
  for (const bool push : {false, true}) {
    const absl::StatusOr<RemoteUrl> url = FindUrl(git, spec.remote, push);
    if (!url.ok()) return url.status();
    access.without_token = WhyWithoutToken(*url, spec);
    if (!access.without_token.empty()) continue;
    OfferToken(*url, access.call);
    access.call.environment["IMGLIFE_GIT_TOKEN"] = spec.token.Reveal();
  }
  return access;
}

}  // namespace imglife
