// A server before a real registry: what a test wants of other registries, with what is real behind
// it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "providers/transport.h"
#include "tests/support/http_server.h"

namespace imglife {

// Thread-safe.
class RegistryFront {
 public:
  // What the front says itself; nothing: the registry is asked.
  using Own = std::function<std::optional<ServedResponse>(const ServedRequest&)>;

  // `registry` is its URL.
  RegistryFront(std::string registry, Own own);

  std::string host() const { return server_.host(); }
  std::string url() const { return server_.url(); }

  // The registry's answer. Locations in it are the front's.
  ServedResponse Forward(const ServedRequest& request) const;

 private:
  const std::string registry_;
  const Own own_;
  const std::unique_ptr<Transport> transport_;
  HttpServer server_;
};

// A front that gives everybody a token, each time another, and lets nobody in without one.
std::unique_ptr<RegistryFront> MakeTokenFront(const std::string& registry);

}  // namespace imglife
