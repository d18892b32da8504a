// Registry over HTTP(S): OCI distribution-spec 1.1, and what real servers do (protocol notes).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "providers/auth/credentials.h"
#include "providers/http/retries.h"
#include "providers/registry.h"
#include "providers/transport.h"

namespace imglife {

struct DistributionSettings {
  // Hosts spoken to over plain HTTP; loopback needs no entry.
  std::vector<std::string> insecure_hosts;
  // IMGLIFE_REGISTRY_ENDPOINT_HOST: base URL to speak to instead of a host, by host ("docker.io").
  std::map<std::string, std::string> endpoints;
  // Between the tries of what the transport must not repeat by itself.
  Waiting waiting;
};

// `transport` and `credentials` must outlive the result.
std::unique_ptr<Registry> MakeDistributionRegistry(Transport& transport,
                                                   CredentialSource& credentials,
                                                   DistributionSettings settings);

}  // namespace imglife
