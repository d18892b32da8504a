#include "providers/auth/discreet_processes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace imglife {
namespace {

TEST(DiscreetProcesses, ShowNoSecretOfTheEnvironment) {
  const Environment environment = {{"IMGLIFE_REG_EXAMPLE_PASSWORD", "hunter2-distinctive"},
                                   {"CI_JOB_TOKEN", "glcbt-64_job"},
                                   {"https_proxy", "http://me:proxy-pass@proxy.example:3128"},
                                   {"CI_REGISTRY_USER", "gitlab-ci-token"}};
  const auto processes = MakeProcessRunner();
  const auto discreet = MakeDiscreetProcessRunner(*processes, environment);
  ProcessSpec spec;
  spec.argv = {"/bin/sh", "-c",
               "echo $IMGLIFE_REG_EXAMPLE_PASSWORD $CI_REGISTRY_USER; echo $CI_JOB_TOKEN "
               "$https_proxy >&2; exit 3"};
  spec.environment = {environment.begin(), environment.end()};
  const auto result = discreet->Run(spec);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_EQ(result->out, "*** gitlab-ci-token\n");
  EXPECT_EQ(result->err, "*** http://me:***@proxy.example:3128\n");
}

TEST(DiscreetProcesses, HideASecretThatBeginsAsAnotherDoes) {
  const auto processes = MakeProcessRunner();
  const auto discreet = MakeDiscreetProcessRunner(
      *processes, {{"A_PASSWORD", "distinctive"},
                   {"B_PASSWORD", "distinctive-2026"},
                   {"HTTPS_PROXY", "me:without-scheme@proxy.example:3128"}});
  ProcessSpec spec;
  spec.argv = {"/bin/sh", "-c", "echo distinctive-2026 distinctive without-scheme; exit 1"};
  EXPECT_EQ(discreet->Run(spec)->out, "*** *** ***\n");
}

// It may be read by imglife.
TEST(DiscreetProcesses, LeaveWhatASuccessPrintedAsItIs) {
  const auto processes = MakeProcessRunner();
  const auto discreet = MakeDiscreetProcessRunner(*processes, {{"X_TOKEN", "true"}});
  ProcessSpec spec;
  spec.argv = {"/bin/sh", "-c", "echo '{\"names\": true}'"};
  EXPECT_EQ(discreet->Run(spec)->out, "{\"names\": true}\n");
}

TEST(DiscreetProcesses, FailAsTheOthersDo) {
  const auto processes = MakeProcessRunner();
  const auto discreet = MakeDiscreetProcessRunner(*processes, {{"A_TOKEN", "long-enough"}});
  ProcessSpec spec;
  spec.argv = {"/no/such/program"};
  EXPECT_TRUE(absl::IsNotFound(discreet->Run(spec).status()));
}

}  // namespace
}  // namespace imglife
