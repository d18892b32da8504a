// Transport on libcurl: one thread owns one multi handle.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "providers/http/retry.h"
#include "providers/transport.h"

namespace imglife {

struct TransportSettings {
  std::string user_agent = "imglife";
  int max_connections_per_host = 32;
  absl::Duration connect_timeout = absl::Seconds(10);
  // No byte in either direction for this long ends a transfer, and so does a drip: Movement.
  absl::Duration stall_timeout = absl::Seconds(30);
  // SSL_CERT_FILE: certificates to trust instead of the system's. libcurl doesn't read it.
  std::string ca_file;
  // HTTP_PROXY, for http:// alone. libcurl reads only the name in small letters.
  std::string http_proxy;
  int max_tries = kMostTries;
  absl::Duration max_retry_time = kMostRetryTime;
  // True once the process shall end: from then on nothing is waited for or tried again.
  std::function<bool()> stopped = [] { return false; };
  // Told of every request that went out or failed to: "GET http://host/path 200", or with the
  // reason in the status's place. Neither query nor credentials are in it. May be called by several
  // threads at once.
  std::function<void(const std::string& line)> log;
  // Told what people who wait should know: a host that is silent, once. As `log` otherwise.
  std::function<void(const std::string& line)> warn;
};

std::unique_ptr<Transport> MakeCurlTransport(const TransportSettings& settings);

}  // namespace imglife
