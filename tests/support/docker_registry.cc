#include "tests/support/docker_registry.h"

#include <arpa/inet.h>
#include <array>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include "tests/support/http_server.h"

namespace imglife {
namespace {

constexpr char kRegistryProgram[] = "/usr/bin/docker-registry";
// The bcrypt hash of kPassword, as htpasswd writes it.
constexpr char kPasswordHash[] = "$2y$05$QV7LMfXuV51r7Ea1.0Smf.CKlV6nWiputWgGQqW5I/R3lLHj1xzHW";
// The server can't choose a port itself: between our choice and its start another may take it.
constexpr int kTries = 20;

int FreePort() {
  const int socket_fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  const bool bound =
      ::bind(socket_fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
      ::getsockname(socket_fd, reinterpret_cast<sockaddr*>(&address), &length) == 0;
  ::close(socket_fd);
  if (!bound) throw std::runtime_error("no free loopback port");
  return ntohs(address.sin_port);
}

// In memory where that is possible: the server flushes every upload to disk, which on a busy
// machine takes ten times as long as everything else.
std::string TemporaryPath() {
  const char* memory = "/dev/shm";
  const std::filesystem::path parent =
      ::access(memory, W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
  std::string path = (parent / "imglife-registry-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("no temporary directory");
  return path;
}

void WriteText(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  if (!file.flush()) throw std::runtime_error("can't write " + path);
}

std::string ConfigText(const std::string& directory, const std::string& data, int port,
                       const DockerRegistryOptions& options) {
  std::string tls;
  if (options.certificate != nullptr) {
    tls = fmt::format(", tls: {{certificate: {}, key: {}}}",
                      options.certificate->certificate_file(), options.certificate->key_file());
  }
  std::string text = fmt::format(
      "version: 0.1\nlog: {{level: info}}\nstorage:\n  filesystem: {{rootdirectory: {}}}\n"
      "  delete: {{enabled: {}}}\n  maintenance: {{uploadpurging: {{enabled: false}}}}\n"
      "http: {{addr: '127.0.0.1:{}'{}}}\n",
      data, options.deletes, port, tls);
  if (options.password) {
    text += fmt::format("auth: {{htpasswd: {{realm: test, path: {}/htpasswd}}}}\n", directory);
  }
  return text;
}

struct LoggedRequest {
  std::string method;
  std::string target;
  std::string protocol;
  std::string status;
};

// One line of the access log in Apache's combined format.
LoggedRequest ParseLogLine(const std::string& line) {
  const std::size_t open = line.find('"');
  const std::size_t close = line.find('"', open + 1);
  if (open == std::string::npos || close == std::string::npos) return {.target = line};
  LoggedRequest logged;
  std::istringstream(line.substr(open + 1, close - open - 1)) >> logged.method >> logged.target >>
      logged.protocol;
  std::istringstream(line.substr(close + 1)) >> logged.status;
  return logged;
}

std::vector<LoggedRequest> ReadLog(const std::string& path) {
  std::vector<LoggedRequest> requests;
  std::ifstream log(path);
  for (std::string line; std::getline(log, line);) requests.push_back(ParseLogLine(line));
  return requests;
}

}  // namespace

struct DockerRegistry::State {
  std::string directory;
  std::string data;
  std::string scheme = "http";
  int port = 0;
  pid_t pid = -1;
  int errors_fd = -1;
  std::thread drain;

  ~State() {
    Stop();
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
  }

  void Start();
  void Stop();
  bool WaitUntilItListens();
};

void DockerRegistry::State::Start() {
  const std::string config = directory + "/config.yml";
  const std::string log = directory + "/access.log";
  std::array<int, 2> errors{};
  if (::pipe2(errors.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const int log_fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const pid_t parent = ::getpid();
  pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(126);
    ::dup2(log_fd, STDOUT_FILENO);
    ::dup2(errors[1], STDERR_FILENO);
    ::execl(kRegistryProgram, kRegistryProgram, "serve", config.c_str(),
            static_cast<char*>(nullptr));
    ::_exit(127);
  }
  ::close(log_fd);
  ::close(errors[1]);
  errors_fd = errors[0];
  if (pid < 0) throw std::runtime_error("can't start a process");
}

void DockerRegistry::State::Stop() {
  if (pid > 0) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    pid = -1;
  }
  if (drain.joinable()) drain.join();
  if (errors_fd >= 0) ::close(errors_fd);
  errors_fd = -1;
}

bool DockerRegistry::State::WaitUntilItListens() {
  std::string said;
  std::array<char, 4096> buffer;
  while (said.find("listening on 127.0.0.1") == std::string::npos) {
    const ssize_t count = ::read(errors_fd, buffer.data(), buffer.size());
    if (count <= 0) break;
    said.append(buffer.data(), static_cast<std::size_t>(count));
  }
  if (said.find("listening on 127.0.0.1") != std::string::npos) {
    drain = std::thread([fd = errors_fd] {
      std::array<char, 4096> rest;
      while (::read(fd, rest.data(), rest.size()) > 0) {
      }
    });
    return true;
  }
  if (said.find("address already in use") != std::string::npos) return false;
  throw std::runtime_error("docker-registry didn't start: " + said);
}

DockerRegistry::DockerRegistry(const DockerRegistryOptions& options)
    : state_(std::make_unique<State>()) {
  if (::access(kRegistryProgram, X_OK) != 0) {
    throw std::runtime_error("docker-registry is missing: apt-get install docker-registry");
  }
  state_->directory = TemporaryPath();
  state_->data =
      options.images_of != nullptr ? options.images_of->state_->data : state_->directory + "/data";
  if (options.certificate != nullptr) state_->scheme = "https";
  if (options.password) {
    WriteText(state_->directory + "/htpasswd", fmt::format("{}:{}\n", kUsername, kPasswordHash));
  }
  for (int tries = 0; tries < kTries; ++tries) {
    state_->port = FreePort();
    WriteText(state_->directory + "/config.yml",
              ConfigText(state_->directory, state_->data, state_->port, options));
    state_->Start();
    if (state_->WaitUntilItListens()) return;
    state_->Stop();
  }
  throw std::runtime_error("docker-registry found no free port");
}

DockerRegistry::~DockerRegistry() = default;

std::string DockerRegistry::host() const {
  return fmt::format("127.0.0.1:{}", state_->port);
}

std::string DockerRegistry::url() const {
  return fmt::format("{}://{}", state_->scheme, host());
}

int DockerRegistry::port() const {
  return state_->port;
}

Repository DockerRegistry::At(const std::string& path) const {
  Repository repository;
  repository.host = host();
  repository.path = path;
  return repository;
}

std::string DockerRegistry::DirectoryOf(const std::string& path) const {
  return fmt::format("{}/docker/registry/v2/repositories/{}", state_->data, path);
}

std::vector<std::string> DockerRegistry::Requests() const {
  std::vector<std::string> requests;
  for (const LoggedRequest& logged : ReadLog(state_->directory + "/access.log")) {
    requests.push_back(fmt::format("{} {} {}", logged.method, logged.target, logged.status));
  }
  return requests;
}

std::vector<std::string> DockerRegistry::Protocols() const {
  std::vector<std::string> protocols;
  for (LoggedRequest& logged : ReadLog(state_->directory + "/access.log")) {
    protocols.push_back(std::move(logged.protocol));
  }
  return protocols;
}

}  // namespace imglife
