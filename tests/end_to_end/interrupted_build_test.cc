// Ctrl-C while buildah runs a program in the image that it builds.
#include <arpa/inet.h>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <sstream>
#include <string>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "providers/system/file_descriptor.h"
#include "tests/end_to_end/registries_fixture.h"

namespace imglife {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Long past what a run may need to end: then the test fails instead of waiting for ever.
constexpr int kPatienceMilliseconds = 60'000;

// Where the program in the image says that it runs (waiting_in_image.cc).
class Listener {
 public:
  Listener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(socket_.number(), any, size), 0);
    EXPECT_EQ(::listen(socket_.number(), 1), 0);
    EXPECT_EQ(::getsockname(socket_.number(), any, &size), 0);
    port_ = ntohs(address.sin_port);
  }

  int port() const { return port_; }

  // False if the program never came.
  bool WaitForProgram() {
    if (!Ready(socket_.number())) return false;
    program_ = FileDescriptor(::accept4(socket_.number(), nullptr, nullptr, SOCK_CLOEXEC));
    char byte = 0;
    return Ready(program_.number()) && ::read(program_.number(), &byte, 1) == 1;
  }

  // Is nobody left who has its end of the connection?
  bool ProgramEnded() const {
    char byte = 0;
    return Ready(program_.number()) && ::read(program_.number(), &byte, 1) <= 0;
  }

 private:
  static bool Ready(int descriptor) {
    pollfd wanted{.fd = descriptor, .events = POLLIN, .revents = 0};
    return ::poll(&wanted, 1, kPatienceMilliseconds) == 1;
  }

  FileDescriptor socket_;
  FileDescriptor program_;
  int port_ = 0;
};

std::string Contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The command lines of all processes that are in a directory, were called with its name or
// inherited it.
std::vector<std::string> ProcessesOf(const std::string& directory) {
  std::vector<std::string> found;
  std::error_code gone;
  for (const fs::directory_entry& process : fs::directory_iterator("/proc")) {
    const std::string name = process.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (name == std::to_string(::getpid())) continue;
    std::string traces =
        Contents(process.path() / "cmdline") + Contents(process.path() / "environ");
    for (const char* link : {"root", "cwd", "exe"}) {
      traces += fs::read_symlink(process.path() / link, gone).string();
    }
    if (traces.find(directory) != std::string::npos) {
      found.push_back(Contents(process.path() / "cmdline"));
    }
  }
  return found;
}

class InterruptedBuildTest : public RegistriesTest, public testing::WithParamInterface<int> {
 protected:
  void SetUp() override {
    Push(private_, "mirrors/alpine", "3.24.0");
    ImageSpec spec;
    spec.labels = {{"io.imglife.inputs", "sha256:" + std::string(64, '0')}};
    before_ = Push(private_, "bases/alpine", kTag, MakeImage(spec));
    fs::create_directories(Path("alpine"));
    fs::create_directories(Path("tmp"));
    fs::copy_file(WAITING_IN_IMAGE, Path("alpine/waiting"));
    environment_["TMPDIR"] = Path("tmp");
    environment_["STORAGE_DRIVER"] = "vfs";
    environment_["BUILDAH_ISOLATION"] = "chroot";
    ConfigureBuild();
  }

  void WriteTemplate(const std::string& run) const {
    Write("alpine/Dockerfile.tmpl", "FROM {{ .BaseImage }}\nCOPY waiting /waiting\n" + run);
  }

  static constexpr char kTag[] = "3.24.0-core1.0.0";
  TestImage before_;
};

TEST_P(InterruptedBuildTest, NothingOfItIsLeft) {
  Listener listener;
  WriteTemplate(fmt::format("RUN [\"/waiting\", \"{}\"]\n", listener.port()));
  const std::string pid_file = Path("imglife.pid");
  bool came = false;
  std::thread interrupt([&] {
    came = listener.WaitForProgram();
    for (int i = 0; i < GetParam(); ++i) SignalImglife(pid_file, SIGINT);
  });
  const ImglifeRun run = RunImglife(directory_.path(), {"build"}, environment_, pid_file);
  interrupt.join();
  ASSERT_TRUE(came) << run.err;
  EXPECT_THAT(run, ExitsWith(130));
  EXPECT_TRUE(listener.ProgramEnded());
  EXPECT_THAT(ProcessesOf(directory_.path()), IsEmpty());
  EXPECT_EQ(RunScript(directory_.path(), "find tmp -mindepth 1 | head -20", environment_).out, "");
  EXPECT_THAT(Contents("/proc/self/mountinfo"), Not(HasSubstr(directory_.path())));
  EXPECT_EQ(DigestOf(private_, "bases/alpine", kTag), before_.manifest.digest.str());

  WriteTemplate("");
  EXPECT_THAT(Run({"build"}), ExitsWith(0));
  EXPECT_NE(DigestOf(private_, "bases/alpine", kTag), before_.manifest.digest.str());
}

INSTANTIATE_TEST_SUITE_P(Signals, InterruptedBuildTest, testing::Values(1, 2));

}  // namespace
}  // namespace imglife
