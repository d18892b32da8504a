#include "providers/auth/discreet_processes.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"

#include "providers/auth/scrub.h"

namespace imglife {
namespace {

bool NamesASecret(std::string_view name) {
  return name.ends_with("PASSWORD") || name.ends_with("TOKEN") || name.ends_with("SECRET");
}

// "http://user:password@proxy:3128"; empty if there is none.
std::string PasswordInUrl(const std::string& url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return "";
  const std::string authority = url.substr(scheme + 3, url.find('/', scheme + 3) - scheme - 3);
  const std::size_t at = authority.rfind('@');
  const std::size_t colon = authority.find(':');
  if (at == std::string::npos || colon >= at) return "";
  return authority.substr(colon + 1, at - colon - 1);
}

std::vector<Secret> SecretsOf(const Environment& environment) {
  std::vector<Secret> secrets;
  for (const auto& [name, value] : environment) {
    if (NamesASecret(name)) secrets.emplace_back(value);
    if (absl::AsciiStrToUpper(name).ends_with("_PROXY")) {
      secrets.emplace_back(PasswordInUrl(value));
    }
  }
  return secrets;
}

class DiscreetProcessRunner : public ProcessRunner {
 public:
  DiscreetProcessRunner(ProcessRunner& runner, std::vector<Secret> secrets)
      : runner_(runner), secrets_(std::move(secrets)) {}

  absl::StatusOr<ProcessResult> Run(const ProcessSpec& spec) override {
    absl::StatusOr<ProcessResult> result = runner_.Run(spec);
    if (!result.ok()) return result;
    for (const Secret& secret : secrets_) {
      result->out = WithoutSecret(std::move(result->out), secret);
      result->err = WithoutSecret(std::move(result->err), secret);
    }
    return result;
  }

  void StopAll() override { runner_.StopAll(); }
  void KillAll() override { runner_.KillAll(); }

 private:
  ProcessRunner& runner_;
  const std::vector<Secret> secrets_;
};

}  // namespace

std::unique_ptr<ProcessRunner> MakeDiscreetProcessRunner(ProcessRunner& runner,
                                                         const Environment& environment) {
  return std::make_unique<DiscreetProcessRunner>(runner, SecretsOf(environment));
}

}  // namespace imglife
