// Which registry is behind a host: one registry may have several names. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "schema/image/reference.h"

namespace imglife {

// IMGLIFE_REGISTRY_ENDPOINT_DOCKER_IO for "docker.io" (config.md, Environment).
std::string EndpointVariable(const std::string& host);

// HOST:PORT and the path, in one spelling: all of loopback is one host, and so is "any" address,
// which connects to it; an address has one form, and a path no dots.
// Names aren't looked up. `host` without brackets.
std::string ServerName(const std::string& host, int port, const std::string& path);

class RegistryServers {
 public:
  // Every host is spoken to under its own name.
  RegistryServers() = default;
  // `endpoints`: the ServerName of what is spoken to instead of a host, by EndpointVariable.
  // `insecure`: hosts besides loopback that are spoken to over plain HTTP.
  RegistryServers(std::map<std::string, std::string> endpoints, std::vector<std::string> insecure);

  bool HasEndpoint(const std::string& host) const;
  // Two hosts with one server are one registry. The scheme doesn't count beyond its port. Empty for
  // an empty host.
  std::string ServerOf(const std::string& host) const;
  // With the server in the place of the host, and the path there: equal for two names of one
  // repository.
  Repository IdentityOf(Repository repository) const;

 private:
  std::map<std::string, std::string> endpoints_;
  std::vector<std::string> insecure_;
};

}  // namespace imglife
