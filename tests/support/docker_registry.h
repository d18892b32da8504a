// Debian's docker-registry (distribution 2.8.2), started for a test on a free loopback port.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "schema/image/reference.h"

namespace imglife {

class DockerRegistry;
class TestCertificate;

struct DockerRegistryOptions {
  bool deletes = true;
  // Ask for kUsername and kPassword (Basic).
  bool password = false;
  // Speak TLS, and HTTP/2 with it.
  const TestCertificate* certificate = nullptr;
  // Serve what this one keeps, which has to outlive it.
  const DockerRegistry* images_of = nullptr;
};

// Keeps its images in a temporary directory and dies with the object, and with the thread that
// made it. The constructor returns when the server listens, and throws std::runtime_error, which
// fails the test, if the program is missing or doesn't start.
class DockerRegistry {
 public:
  static constexpr std::string_view kUsername = "imglife";
  static constexpr std::string_view kPassword = "open-sesame";

  explicit DockerRegistry(const DockerRegistryOptions& options = {});
  ~DockerRegistry();
  DockerRegistry(const DockerRegistry&) = delete;
  DockerRegistry& operator=(const DockerRegistry&) = delete;

  // "127.0.0.1:PORT".
  std::string host() const;
  // "http://127.0.0.1:PORT", or https.
  std::string url() const;
  int port() const;
  // HOST/PATH.
  Repository At(const std::string& path) const;

  // Where the server keeps repository `path` on disk.
  std::string DirectoryOf(const std::string& path) const;

  // The requests answered so far, "METHOD TARGET STATUS" each, in the order of the access log. The
  // server logs before it sends the end of an answer, except of bodies over a few KiB.
  std::vector<std::string> Requests() const;
  // "HTTP/2.0" of each of them.
  std::vector<std::string> Protocols() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace imglife
