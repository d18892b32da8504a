// docker's config.json, and what its credential helpers answer: here the same document.
#include <algorithm>
#include <string>

#include "absl/status/status.h"

#include "providers/auth/docker_config.h"
#include "tests/fuzz/fuzzing.h"

namespace imglife {
namespace {

bool IsPartOfFileName(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

// Answers every helper with one text, and lets no other program run.
class Helpers : public ProcessRunner {
 public:
  explicit Helpers(std::string_view answer) : answer_(answer) {}

  absl::StatusOr<ProcessResult> Run(const ProcessSpec& spec) override {
    Expect(spec.argv.size() == 2 && spec.argv[1] == "get", "helpers are only asked");
    Expect(spec.argv[0].starts_with("docker-credential-"), "only helpers are run");
    Expect(std::all_of(spec.argv[0].begin(), spec.argv[0].end(), IsPartOfFileName),
           "a helper is looked up in PATH");
    Expect(spec.timeout.has_value(), "a helper has a time limit");
    return ProcessResult{.exit_code = 0, .out = answer_, .err = ""};
  }
  void StopAll() override {}
  void KillAll() override {}

 private:
  std::string answer_;
};

}  // namespace
}  // namespace imglife

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace imglife;
  const std::string_view content = TextOf(data, size);
  Helpers helpers(content);
  for (const char* host : {"docker.io", "ghcr.io", "registry.example.com:5000"}) {
    const auto found =
        FindInDockerConfig("config.json", AuthFileKind::kDocker, content, host, helpers);
    Expect(found.ok() || absl::IsInvalidArgument(found.status()) ||
               absl::IsFailedPrecondition(found.status()),
           "only statuses of the contract");
    Expect(found.ok() || IsShowable(MessageOf(found.status())),
           "a message has no control characters");
    Expect(!found.ok() || !*found || !(*found)->source.empty(), "a credential has a source");
  }
  return 0;
}
