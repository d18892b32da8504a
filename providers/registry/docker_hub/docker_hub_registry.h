// docker.io: the registry as it is, with what Docker Hub's own API adds to it.
//
// Which API is asked what, and why. The names of tags come from the registry: one request, all of
// them, and they are what can be pulled. The Hub API gives a hundred tags a page and may be behind
// the registry by minutes, but it alone has dates, and a hundred digests at once. So it is asked
// (by DescribeTags) only where dates decide or where its pages cost fewer requests than a HEAD for
// each tag, and what it says never takes the place of a name or of a digest that is copied. What is
// selected is therefore the same whichever API answered.
#pragma once

#include <memory>
#include <string>

#include "providers/auth/credentials.h"
#include "providers/registry.h"
#include "providers/transport.h"

namespace imglife {

struct DockerHubSettings {
  // Where the Hub API is; empty: it must not be asked.
  std::string url = "https://hub.docker.com";
};

// Hands everything but DescribeTags of docker.io on to `registry`. `transport` and `credentials`
// must outlive the result.
std::unique_ptr<Registry> MakeDockerHubRegistry(std::unique_ptr<Registry> registry,
                                                Transport& transport, CredentialSource& credentials,
                                                DockerHubSettings settings);

}  // namespace imglife
