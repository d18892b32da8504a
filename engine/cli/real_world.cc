#include "engine/cli/real_world.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <utility>

#include "fmt/format.h"

#include "engine/cli/cache_directory.h"
#include "engine/cli/registry_endpoints.h"
#include "providers/auth/credentials.h"
#include "providers/auth/discreet_processes.h"
#include "providers/auth/url.h"
#include "providers/builders/builders.h"
#include "providers/eol/eol_sources.h"
#include "providers/files.h"
#include "providers/git/git_repository.h"
#include "providers/http/curl_transport.h"
#include "providers/http/retries.h"
#include "providers/http/sleep_unless.h"
#include "providers/registry/cache/cached_registry.h"
#include "providers/registry/cache/content_cache.h"
#include "providers/registry/distribution/distribution_registry.h"
#include "providers/registry/docker_hub/docker_hub_registry.h"
#include "providers/registry/ocidir/ocidir_registry.h"
#include "providers/registry/registries.h"
#include "providers/system/system.h"

namespace imglife {
namespace {

// A mirror or a cache that stands for docker.io is spoken to alone: there may be no way to Docker
// Hub, and what it tells is not of what the mirror has.
DockerHubSettings HubFor(const std::map<std::string, std::string>& endpoints,
                         const Environment& environment) {
  DockerHubSettings settings;
  const std::string own = EnvironmentValue(environment, "IMGLIFE_DOCKER_HUB_URL");
  if (!own.empty() || endpoints.count(std::string(kDockerHub)) > 0) settings.url = own;
  return settings;
}

// The EOL data file as a source, for eol_provider: local. No file knows no products.
absl::StatusOr<std::unique_ptr<EolSource>> LocalSource(const Config& config) {
  const auto content = ReadFile(config.lifecycle.eol_data_file);
  if (absl::IsNotFound(content.status())) return MakeLocalEolSource(EolData());
  if (!content.ok()) return content.status();
  Findings findings;
  const auto data = ReadEolData(*content, findings);
  if (!data) {
    std::string text;
    for (const Finding& finding : findings.Sorted()) {
      text += RenderFinding(config.lifecycle.eol_data_file_as_written, *content, finding);
    }
    return absl::InvalidArgumentError(text);
  }
  return MakeLocalEolSource(*data);
}

absl::StatusOr<std::unique_ptr<EolSource>> SourceFor(const Config& config, Transport& transport) {
  if (config.lifecycle.provider == LifecycleSection::Provider::kLocal) return LocalSource(config);
  return MakeEndOfLifeSource(transport, config.lifecycle.eol_url);
}

// Where GITLAB_TOKEN may go.
std::vector<std::string> GitLabHosts(const Config& config, const Environment& environment) {
  std::vector<std::string> hosts;
  if (const std::string host = EnvironmentValue(environment, "CI_SERVER_HOST"); !host.empty()) {
    hosts.push_back(host);
  }
  if (config.package_registry) {
    for (const std::string& text :
         {config.package_registry->url, config.package_registry->api_url}) {
      if (const auto url = ParseUrl(text)) hosts.push_back(url->host);
    }
  }
  return hosts;
}

// Has somebody asked the process to end?
std::function<bool()> EndAsked(const Session& session) {
  return [&signals = session.signals] { return signals.ExitCode() != 0; };
}

Waiting WaitingUntil(const std::function<bool()>& stopped) {
  Waiting waiting;
  waiting.sleep = [stopped](absl::Duration time) { SleepUnless(stopped, time); };
  waiting.stopped = stopped;
  return waiting;
}

TransportSettings TransportFor(const Session& session) {
  const Environment& environment = session.environment;
  TransportSettings settings;
  if (session.options.common.log_level == LogLevel::kDebug) {
    settings.log = [&console = session.console](const std::string& line) {
      console.Log(LogLevel::kDebug, line);
    };
  }
  settings.warn = [&console = session.console](const std::string& line) {
    console.Log(LogLevel::kWarn, line);
  };
  settings.stopped = EndAsked(session);
  settings.ca_file = EnvironmentValue(environment, "SSL_CERT_FILE");
  const std::string own = EnvironmentValue(environment, "http_proxy");
  if (own.empty()) settings.http_proxy = EnvironmentValue(environment, "HTTP_PROXY");
  return settings;
}

class ConcreteWorld : public RealWorld {
 public:
  ConcreteWorld(const Config& config, const Session& session, std::unique_ptr<Clock> clock)
      : config_(config),
        environment_(session.environment),
        end_asked_(EndAsked(session)),
        clock_(std::move(clock)),
        transport_(MakeCurlTransport(TransportFor(session))),
        processes_(MakeProcessRunner()),
        discreet_processes_(MakeDiscreetProcessRunner(*processes_, environment_)),
        credentials_(MakeCredentialSource(environment_, *processes_)),
        git_(MakeGitRepository(*processes_)) {
    remote_ = RemoteRegistry();
    if (auto directory = CacheDirectory(environment_)) {
      cache_ = std::make_unique<ContentCache>(ContentCache::Settings{
          .directory = *std::move(directory), .refresh = session.options.refresh_cache});
    }
    // Image layouts are on this machine themselves: only what comes over a network is kept.
    registries_ = MakeRegistries(
        cache_ == nullptr ? std::move(remote_) : MakeCachedRegistry(*remote_, *cache_),
        MakeOciDirRegistry(config.directory));
    memo_ = MakeRegistryMemo(*registries_);
  }

  absl::Status Connect() {
    auto eol = SourceFor(config_, *transport_);
    if (!eol.ok()) return eol.status();
    eol_ = *std::move(eol);
    FillWorld();
    return absl::OkStatus();
  }

  const World& world() const override { return world_; }
  RegistryMemo& registry() override { return *memo_; }

 private:
  std::unique_ptr<Registry> RemoteRegistry() {
    const auto endpoints = EndpointsOf(config_, environment_);
    return MakeDockerHubRegistry(
        MakeDistributionRegistry(*transport_, *credentials_,
                                 {.insecure_hosts = config_.insecure_registries,
                                  .endpoints = endpoints,
                                  .waiting = WaitingUntil(end_asked_)}),
        *transport_, *credentials_, HubFor(endpoints, environment_));
  }

  void FillWorld() {
    world_.registry = memo_.get();
    world_.eol_source = eol_.get();
    world_.git = git_.get();
    world_.processes = discreet_processes_.get();
    world_.clock = clock_.get();
    world_.builder = [this](const BuilderNeeds& needs) { return FindBuilder(needs); };
    world_.servers = ServersOf(config_, environment_);
    world_.insecure = [this](const std::string& host) { return IsInsecure(host); };
    world_.logins = [this](const std::vector<std::string>& hosts) { return LoginsFor(hosts); };
    world_.gitlab_token = Secret(EnvironmentValue(environment_, "GITLAB_TOKEN"));
    world_.gitlab_hosts = GitLabHosts(config_, environment_);
    world_.source_date_epoch = EnvironmentValue(environment_, "SOURCE_DATE_EPOCH");
    world_.in_ci = !EnvironmentValue(environment_, "CI").empty();
    world_.ci_default_branch = EnvironmentValue(environment_, "CI_DEFAULT_BRANCH");
  }

  absl::StatusOr<Builder*> FindBuilder(const BuilderNeeds& needs) {
    const std::lock_guard lock(mutex_);
    auto& builder = builders_[{needs.several_platforms, needs.sbom, needs.layouts}];
    if (builder == nullptr) {
      auto chosen = ChooseBuilder({.backend = config_.build->backend,
                                   .builder = config_.build->builder,
                                   .several_platforms = needs.several_platforms,
                                   .sbom = needs.sbom,
                                   .layouts = needs.layouts},
                                  environment_, *discreet_processes_);
      if (!chosen.ok()) return chosen.status();
      builder = *std::move(chosen);
    }
    return builder.get();
  }

  bool IsInsecure(const std::string& host) const {
    const auto& listed = config_.insecure_registries;
    return IsLoopbackHost(host) || std::find(listed.begin(), listed.end(), host) != listed.end();
  }

  absl::StatusOr<std::vector<RegistryLogin>> LoginsFor(const std::vector<std::string>& hosts) {
    std::vector<RegistryLogin> logins;
    for (const std::string& host : hosts) {
      const auto credential = credentials_->For(host);
      if (!credential.ok()) return credential.status();
      if (credential->username.empty()) continue;
      logins.push_back(
          {.host = host, .username = credential->username, .password = credential->password});
    }
    return logins;
  }

  const Config& config_;
  const Environment environment_;
  const std::function<bool()> end_asked_;
  std::unique_ptr<Clock> clock_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<ProcessRunner> processes_;
  // Of hooks and builders.
  std::unique_ptr<ProcessRunner> discreet_processes_;
  std::unique_ptr<CredentialSource> credentials_;
  std::unique_ptr<GitRepository> git_;
  std::unique_ptr<Registry> remote_;
  std::unique_ptr<ContentCache> cache_;
  std::unique_ptr<Registry> registries_;
  std::unique_ptr<RegistryMemo> memo_;
  std::unique_ptr<EolSource> eol_;
  std::mutex mutex_;
  std::map<std::tuple<bool, bool, bool>, std::unique_ptr<Builder>> builders_;
  World world_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RealWorld>> RealWorld::Create(const Config& config,
                                                             const Session& session) {
  auto clock = MakeSystemClock(session.environment);
  if (!clock.ok()) return clock.status();
  auto world = std::make_unique<ConcreteWorld>(config, session, *std::move(clock));
  const absl::Status connected = world->Connect();
  if (!connected.ok()) return connected;
  return world;
}

}  // namespace imglife
