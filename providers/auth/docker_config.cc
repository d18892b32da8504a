#include "providers/auth/docker_config.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace imglife {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kHub = "docker.io";
// What docker calls the Hub where it stores credentials.
constexpr std::string_view kHubServer = "https://index.docker.io/v1/";
// What every helper prints if it has nothing (docker-credential-helpers, credentials/error.go).
constexpr std::string_view kNotFound = "credentials not found";
constexpr absl::Duration kHelperTimeout = absl::Seconds(30);

absl::Status Broken(const std::string& file, std::string_view what) {
  return absl::InvalidArgumentError(
      fmt::format("{}: {}; repair the file, or write it anew with docker login", file, what));
}

// The host that a key of auths or credHelpers means, or empty for a key that isn't a whole host
// (podman allows repositories).
std::string HostOfKey(std::string_view key) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (key.substr(0, scheme.size()) == scheme) key.remove_prefix(scheme.size());
  }
  const std::size_t slash = std::min(key.find('/'), key.size());
  const std::string_view path = key.substr(slash);
  constexpr std::array<std::string_view, 6> kApiPaths = {"", "/", "/v1", "/v1/", "/v2", "/v2/"};
  if (std::find(kApiPaths.begin(), kApiPaths.end(), path) == kApiPaths.end()) return "";
  std::string host(key.substr(0, slash));
  for (char& c : host) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (host == "index.docker.io" || host == "registry-1.docker.io") return std::string(kHub);
  return host;
}

std::string ServerName(const std::string& host) {
  return host == kHub ? std::string(kHubServer) : host;
}

std::string OwnKey(AuthFileKind kind, const std::string& host) {
  return kind == AuthFileKind::kDocker ? ServerName(host) : host;
}

// The keys of auths or credHelpers that tell of the host: the file's own spelling, and only without
// it any other.
std::vector<std::string> KeysFor(AuthFileKind kind, const std::string& host, const Json& entries) {
  const std::string own = OwnKey(kind, host);
  if (entries.contains(own)) return {own};
  std::vector<std::string> keys;
  for (const auto& [key, unused] : entries.items()) {
    if (HostOfKey(key) == host) keys.push_back(key);
  }
  return keys;
}

// The member's text; empty if it is missing or null. InvalidArgument if it is something else.
absl::StatusOr<std::string> Text(const std::string& file, const Json& object,
                                 const std::string& name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return std::string();
  if (!found->is_string()) return Broken(file, fmt::format("\"{}\" isn't a text", name));
  return found->get<std::string>();
}

// The member if it is an object; null if it is missing. InvalidArgument if it is something else.
absl::StatusOr<const Json*> Object(const std::string& file, const Json& object,
                                   const std::string& name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return nullptr;
  if (!found->is_object()) return Broken(file, fmt::format("\"{}\" isn't an object", name));
  return &*found;
}

// Base64 of USERNAME:PASSWORD; docker pads the password with zero bytes on some platforms.
absl::StatusOr<std::pair<std::string, std::string>> DecodeAuth(const std::string& file,
                                                               const std::string& auth) {
  std::string decoded;
  const std::size_t colon =
      absl::Base64Unescape(auth, &decoded) ? decoded.find(':') : std::string::npos;
  if (colon == std::string::npos) {
    return Broken(file, "an \"auth\" in \"auths\" isn't the base64 of USERNAME:PASSWORD");
  }
  std::string password = decoded.substr(colon + 1);
  password.resize(password.find_last_not_of('\0') + 1);
  return std::make_pair(decoded.substr(0, colon), std::move(password));
}

absl::StatusOr<std::optional<Credential>> ReadEntry(const std::string& file, const Json& entry) {
  if (!entry.is_object()) return Broken(file, "an entry of \"auths\" isn't an object");
  absl::StatusOr<std::string> auth = Text(file, entry, "auth");
  if (!auth.ok()) return auth.status();
  absl::StatusOr<std::string> username = Text(file, entry, "username");
  if (!username.ok()) return username.status();
  absl::StatusOr<std::string> password = Text(file, entry, "password");
  if (!password.ok()) return password.status();
  absl::StatusOr<std::string> identity_token = Text(file, entry, "identitytoken");
  if (!identity_token.ok()) return identity_token.status();
  absl::StatusOr<std::string> registry_token = Text(file, entry, "registrytoken");
  if (!registry_token.ok()) return registry_token.status();
  // A bearer token for the registry itself, before all else (docker CLI, types.AuthConfig).
  if (!registry_token->empty()) {
    Credential credential;
    credential.bearer_token = Secret(*std::move(registry_token));
    credential.source = file;
    return credential;
  }
  if (!auth->empty()) {
    absl::StatusOr<std::pair<std::string, std::string>> login = DecodeAuth(file, *auth);
    if (!login.ok()) return login.status();
    *username = std::move(login->first);
    *password = std::move(login->second);
  }
  if (username->empty() && identity_token->empty()) return std::nullopt;
  Credential credential = LoginAs(*std::move(username), *std::move(password), file);
  if (!identity_token->empty()) {
    // The user name beside it is a stand-in that logs nobody in (Azure: 00000000-0000-…).
    credential.identity_token = Secret(*std::move(identity_token));
    credential.username.clear();
    credential.password = Secret();
  }
  return credential;
}

absl::StatusOr<std::optional<Credential>> FindInAuths(const std::string& file, AuthFileKind kind,
                                                      const Json& config, const std::string& host) {
  const absl::StatusOr<const Json*> auths = Object(file, config, "auths");
  if (!auths.ok()) return auths.status();
  if (*auths == nullptr) return std::nullopt;
  for (const std::string& key : KeysFor(kind, host, **auths)) {
    absl::StatusOr<std::optional<Credential>> found = ReadEntry(file, (**auths)[key]);
    if (!found.ok() || found->has_value()) return found;
  }
  return std::nullopt;
}

bool IsHelperName(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

absl::StatusOr<std::optional<Credential>> AskHelper(const std::string& file,
                                                    const std::string& helper,
                                                    const std::string& host,
                                                    const std::string& server,
                                                    ProcessRunner& processes) {
  if (!IsHelperName(helper)) return Broken(file, "the name of a credential helper isn't one");
  const std::string program = "docker-credential-" + helper;
  ProcessSpec spec;
  spec.argv = {program, "get"};
  spec.input = server;
  spec.timeout = kHelperTimeout;
  const absl::StatusOr<ProcessResult> result = processes.Run(spec);
  if (absl::IsNotFound(result.status())) {
    return absl::FailedPreconditionError(fmt::format(
        "{} names the credential helper {} for {}, which isn't installed", file, program, host));
  }
  if (!result.ok()) return result.status();
  if (result->out.find(kNotFound) != std::string::npos) return std::nullopt;
  const Json answer = Json::parse(result->out, nullptr, false);
  const auto text = [&](const char* name) {
    const Json member = answer.is_object() ? answer.value(name, Json()) : Json();
    return member.is_string() ? member.get<std::string>() : "";
  };
  const std::string username = text("Username");
  const bool usable = result->exit_code == 0 && !username.empty() && answer.contains("Secret") &&
                      answer["Secret"].is_string();
  if (!usable) {
    return absl::FailedPreconditionError(fmt::format(
        "the credential helper {} of {} gave nothing usable for {} (exit code {}); to see "
        "why run: echo {} | {} get (not in a CI job: it may print the password)",
        program, file, host, result->exit_code, server, program));
  }
  return LoginAs(username, text("Secret"), program);
}

// What a helper may know the host as, and is asked for one after the other. Who writes auth.json
// stores docker.io under that name, in the same store as docker its own.
std::vector<std::string> ServersFor(AuthFileKind kind, const std::string& host) {
  std::vector<std::string> servers = {OwnKey(kind, host)};
  if (servers.front() != ServerName(host)) servers.push_back(ServerName(host));
  return servers;
}

// The helper for the host: its own in credHelpers, else the one for all; empty if there is none. An
// empty one of its own means the file (docker CLI, getConfiguredCredentialStore).
absl::StatusOr<std::string> HelperFor(const std::string& file, AuthFileKind kind,
                                      const Json& config, const std::string& host) {
  const absl::StatusOr<const Json*> helpers = Object(file, config, "credHelpers");
  if (!helpers.ok()) return helpers.status();
  if (*helpers != nullptr) {
    for (const std::string& key : KeysFor(kind, host, **helpers)) {
      absl::StatusOr<std::string> helper = Text(file, **helpers, key);
      if (!helper.ok() || !helper->empty() || key == OwnKey(kind, host)) return helper;
    }
  }
  return Text(file, config, "credsStore");
}

}  // namespace

absl::StatusOr<std::optional<Credential>> FindInDockerConfig(const std::string& file,
                                                             AuthFileKind kind,
                                                             std::string_view content,
                                                             const std::string& host,
                                                             ProcessRunner& processes) {
  const Json config = Json::parse(content, nullptr, false);
  if (!config.is_object()) return Broken(file, "this isn't a JSON object");
  const absl::StatusOr<std::string> helper = HelperFor(file, kind, config, host);
  if (!helper.ok()) return helper.status();
  if (!helper->empty()) {
    for (const std::string& server : ServersFor(kind, host)) {
      auto found = AskHelper(file, *helper, host, server, processes);
      if (!found.ok() || found->has_value()) return found;
    }
  }
  return FindInAuths(file, kind, config, host);
}

}  // namespace imglife
