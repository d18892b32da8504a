#include "providers/auth/discreet_processes.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

#include "providers/auth/scrub.h"

namespace imglife {
namespace {

bool NamesASecret(const std::string& name) {
  const std::string upper = absl::AsciiStrToUpper(name);
  for (const char* word : {"PASSWORD", "TOKEN", "SECRET", "AUTH_CONFIG"}) {
    if (absl::StrContains(upper, word)) return true;
  }
  return false;
}

// "http://user:password@proxy:3128", or without the scheme; empty if there is none.
std::string PasswordInUrl(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t start = scheme == std::string::npos ? 0 : scheme + 3;
  const std::string authority = url.substr(start, url.find('/', start) - start);
  const std::size_t at = authority.rfind('@');
  const std::size_t colon = authority.find(':');
  if (at == std::string::npos || colon >= at) return "";
  return authority.substr(colon + 1, at - colon - 1);
}

// The longest first: one may be the beginning of another.
std::vector<Secret> SecretsOf(const Environment& environment) {
  std::vector<std::string> values;
  for (const auto& [name, value] : environment) {
    if (NamesASecret(name)) values.push_back(value);
    if (absl::EndsWithIgnoreCase(name, "_PROXY")) values.push_back(PasswordInUrl(value));
  }
  std::sort(values.begin(), values.end(), [](const std::string& one, const std::string& other) {
    return std::pair(other.size(), one) < std::pair(one.size(), other);
  });
  std::vector<Secret> secrets;
  for (std::string& value : values) secrets.emplace_back(std::move(value));
  return secrets;
}

class DiscreetProcessRunner : public ProcessRunner {
 public:
  DiscreetProcessRunner(ProcessRunner& runner, std::vector<Secret> secrets)
      : runner_(runner), secrets_(std::move(secrets)) {}

  absl::StatusOr<ProcessResult> Run(const ProcessSpec& spec) override {
    absl::StatusOr<ProcessResult> result = runner_.Run(spec);
    if (!result.ok() || result->exit_code == 0) return result;
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
