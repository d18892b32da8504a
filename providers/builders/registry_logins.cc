#include "providers/builders/registry_logins.h"

#include <cerrno>
#include <filesystem>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include <fcntl.h>
#include <unistd.h>

#include "providers/files.h"
#include "providers/system/system.h"

namespace imglife {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// The name of a registry in `auths`: docker.io has its historic one everywhere.
std::string AuthKey(const std::string& host) {
  return host == "docker.io" ? "https://index.docker.io/v1/" : host;
}

// Does the key tell of the registry, or of a part of it? Buildah takes the most specific one, and
// of docker.io and URLs any spelling (containers-auth.json(5)).
bool TellsOf(const std::string& host, std::string_view key) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (key.starts_with(scheme)) key.remove_prefix(scheme.size());
  }
  const std::string_view named = key.substr(0, key.find('/'));
  const bool is_hub = named == "index.docker.io" || named == "registry-1.docker.io";
  return named == host || (is_hub && host == "docker.io");
}

void EraseWhatTellsOf(const std::string& host, Json& entries) {
  for (auto entry = entries.begin(); entry != entries.end();) {
    entry = TellsOf(host, entry.key()) ? entries.erase(entry) : std::next(entry);
  }
}

Json AuthEntry(const RegistryLogin& login) {
  return Json{{"auth", absl::Base64Escape(login.username + ":" + login.password.Reveal())}};
}

std::string DockerConfigDirectory(const Environment& environment) {
  const std::string configured = EnvironmentValue(environment, "DOCKER_CONFIG");
  if (!configured.empty()) return configured;
  const std::string home = EnvironmentValue(environment, "HOME");
  return home.empty() ? "" : home + "/.docker";
}

// An empty object if there is no such file.
absl::StatusOr<Json> ReadJsonObject(const std::string& path) {
  const absl::StatusOr<std::string> content = ReadFile(path);
  if (absl::IsNotFound(content.status())) return Json::object();
  if (!content.ok()) return content.status();
  Json document = Json::parse(*content, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) {
    return absl::InvalidArgumentError(fmt::format("{} is not a JSON object", path));
  }
  for (const char* part : {"auths", "credHelpers"}) {
    if (!document.contains(part) || document[part].is_null()) document[part] = Json::object();
    if (!document[part].is_object()) {
      return absl::InvalidArgumentError(fmt::format("{}: `{}` is not an object", path, part));
    }
  }
  return document;
}

// Created with mode 0600, whatever the umask: it holds passwords.
absl::Status WritePrivateFile(const std::string& path, const std::string& content) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  std::size_t written = 0;
  while (file >= 0 && written < content.size()) {
    const ssize_t count = ::write(file, content.data() + written, content.size() - written);
    if (count > 0) written += static_cast<std::size_t>(count);
    if (count < 0 && errno != EINTR) break;
  }
  const int error = errno;
  if (file >= 0) ::close(file);
  if (file >= 0 && written == content.size()) return absl::OkStatus();
  return absl::ErrnoToStatus(error, fmt::format("can't write {}", path));
}

// Where buildah looks, the first to win last in the list (containers-auth.json(5)).
std::vector<std::string> ContainersAuthFiles(const Environment& environment) {
  const std::string chosen = EnvironmentValue(environment, "REGISTRY_AUTH_FILE");
  if (!chosen.empty()) return {chosen};
  std::vector<std::string> files;
  const std::string docker = DockerConfigDirectory(environment);
  if (!docker.empty()) files.push_back(docker + "/config.json");
  const std::string home = EnvironmentValue(environment, "HOME");
  const std::string config = EnvironmentValue(environment, "XDG_CONFIG_HOME");
  if (!config.empty() || !home.empty()) {
    files.push_back((config.empty() ? home + "/.config" : config) + "/containers/auth.json");
  }
  const std::string runtime = EnvironmentValue(environment, "XDG_RUNTIME_DIR");
  files.push_back(runtime.empty() ? fmt::format("/run/containers/{}/auth.json", ::getuid())
                                  : runtime + "/containers/auth.json");
  return files;
}

absl::Status LinkOtherEntries(const fs::path& from, const fs::path& to) {
  std::error_code error;
  for (fs::directory_iterator entry(from, error), end; !error && entry != end;
       entry.increment(error)) {
    const fs::path name = entry->path().filename();
    if (name == "config.json") continue;
    fs::create_symlink(fs::absolute(entry->path(), error), to / name, error);
  }
  if (!error || error == std::errc::no_such_file_or_directory) return absl::OkStatus();
  return absl::UnavailableError(
      fmt::format("can't link {} to {}: {}", from.string(), to.string(), error.message()));
}

}  // namespace

absl::Status WriteContainersAuthFile(const std::string& path,
                                     const std::vector<RegistryLogin>& logins,
                                     const Environment& environment) {
  Json merged = {{"auths", Json::object()}, {"credHelpers", Json::object()}};
  for (const std::string& file : ContainersAuthFiles(environment)) {
    const absl::StatusOr<Json> own = ReadJsonObject(file);
    if (!own.ok()) return own.status();
    if (own->empty()) continue;
    merged["auths"].update((*own)["auths"]);
    merged["credHelpers"].update((*own)["credHelpers"]);
  }
  for (const RegistryLogin& login : logins) {
    // A helper would win over the entry.
    EraseWhatTellsOf(login.host, merged["credHelpers"]);
    EraseWhatTellsOf(login.host, merged["auths"]);
    merged["auths"][AuthKey(login.host)] = AuthEntry(login);
  }
  return WritePrivateFile(path, merged.dump());
}

absl::Status WriteDockerConfig(const std::string& directory,
                               const std::vector<RegistryLogin>& logins,
                               const Environment& environment) {
  std::error_code error;
  fs::create_directory(directory, error);
  if (error) {
    return absl::UnavailableError(fmt::format("can't make {}: {}", directory, error.message()));
  }
  Json config = Json::object();
  const std::string own = DockerConfigDirectory(environment);
  if (!own.empty()) {
    absl::StatusOr<Json> read = ReadJsonObject(own + "/config.json");
    if (!read.ok()) return read.status();
    config = *std::move(read);
    const absl::Status linked = LinkOtherEntries(own, directory);
    if (!linked.ok()) return linked;
  }
  for (const RegistryLogin& login : logins) {
    config["auths"][AuthKey(login.host)] = AuthEntry(login);
    // The empty helper of a registry means this file, also where `credsStore` is set.
    config["credHelpers"][AuthKey(login.host)] = "";
  }
  return WritePrivateFile(directory + "/config.json", config.dump());
}

absl::StatusOr<std::map<std::string, std::string>> DockerEnvironment(
    const BuildRequest& request, const std::string& build_directory,
    const Environment& environment) {
  std::map<std::string, std::string> result;
  if (request.logins.empty()) return result;
  const std::string directory = build_directory + "/docker-config";
  const absl::Status written = WriteDockerConfig(directory, request.logins, environment);
  if (!written.ok()) return written;
  result["DOCKER_CONFIG"] = directory;
  return result;
}

}  // namespace imglife
