// The world as the engine sees it: interfaces only. The command line fills it with concrete
// providers, tests with fakes.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/observe/registry_servers.h"
#include "providers/builder.h"
#include "providers/clock.h"
#include "providers/eol_source.h"
#include "providers/process.h"
#include "providers/registry.h"
#include "providers/repository_git.h"
#include "schema/config/config.h"

namespace imglife {

struct BuilderNeeds {
  bool several_platforms = false;
  bool sbom = false;
  bool layouts = false;  // a base or a result in an image layout

  // Is there a builder that can't do it on any machine?
  bool AreSpecial() const { return sbom || layouts; }
};

// Everything outlives the call that it is given to.
struct World {
  Registry* registry = nullptr;
  EolSource* eol_source = nullptr;
  GitRepository* git = nullptr;
  ProcessRunner* processes = nullptr;
  Clock* clock = nullptr;
  // The builder of this machine, chosen at the first build; fails with what is missing and what to
  // do.
  std::function<absl::StatusOr<Builder*>(const BuilderNeeds&)> builder;
  // Which names of registries are one.
  RegistryServers servers;
  // Is the host spoken to over plain HTTP?
  std::function<bool(const std::string& host)> insecure;
  // The credentials that a builder needs; fails where a source of credentials can't be read.
  std::function<absl::StatusOr<std::vector<RegistryLogin>>(const std::vector<std::string>& hosts)>
      logins;
  Secret gitlab_token;
  // The hosts that it is for; empty where that isn't known.
  std::vector<std::string> gitlab_hosts;
  // By reference: what earlier runs wrote last there (plan-apply.md, "drift"). May be empty: then
  // nothing is known.
  std::function<absl::StatusOr<std::map<std::string, Digest>>()> last_written;
  std::string source_date_epoch;  // as in the environment; empty: not set
  bool in_ci = false;
  std::string ci_default_branch;
};

}  // namespace imglife
