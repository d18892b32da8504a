#include "providers/git/push_outcome.h"

#include <string>

#include "gtest/gtest.h"

namespace imglife {
namespace {

struct Case {
  const char* out;
  const char* err;
  PushOutcome outcome;
  const char* complaint;
};

// As git 2.39 writes it.
constexpr Case kCases[] = {
    {"To /srv/a\n!\tHEAD:refs/heads/main\t[rejected] (fetch first)\nDone\n",
     "error: failed to push some refs to '/srv/a'\n", PushOutcome::kBehind,
     "[rejected] (fetch first)"},
    {"To /srv/a\n!\tHEAD:refs/heads/main\t[rejected] (non-fast-forward)\nDone\n", "",
     PushOutcome::kBehind, "[rejected] (non-fast-forward)"},
    {"!\tHEAD:refs/heads/main\t[remote rejected] (cannot lock ref 'refs/heads/main': is at 1 but "
     "expected 2)\n",
     "", PushOutcome::kBehind,
     "[remote rejected] (cannot lock ref 'refs/heads/main': is at 1 but expected 2)"},
    {"!\tHEAD:refs/heads/main\t[remote rejected] (pre-receive hook declined)\n",
     "remote: ====\nremote: \nremote: GitLab: You are not allowed to push code.  \nremote: ====\n",
     PushOutcome::kRefused, "GitLab: You are not allowed to push code."},
    {"", "fatal: Authentication failed for 'https://u:p@git.example.com/a.git/'\n",
     PushOutcome::kRefused, "Authentication failed for 'https://***@git.example.com/a.git/'"},
    {"", "remote: HTTP Basic: Access denied\nfatal: unable to access: 403\n", PushOutcome::kRefused,
     "HTTP Basic: Access denied"},
    {"", "fatal: unable to access 'https://x/': The requested URL returned error: 403\n",
     PushOutcome::kRefused, "unable to access 'https://x/': The requested URL returned error: 403"},
    {"",
     "git@example.com: Permission denied (publickey).\nfatal: Could not read from remote "
     "repository.\n",
     PushOutcome::kRefused, "git@example.com: Permission denied (publickey)."},
    {"", "fatal: could not read Username for 'https://x': terminal prompts disabled\n",
     PushOutcome::kRefused, "could not read Username for 'https://x': terminal prompts disabled"},
    {"", "fatal: unable to access 'https://x/': Could not resolve host: x\n",
     PushOutcome::kUnreachable, "unable to access 'https://x/': Could not resolve host: x"},
    {"", "fatal: unable to access 'https://x/': The requested URL returned error: 502\n",
     PushOutcome::kUnreachable,
     "unable to access 'https://x/': The requested URL returned error: 502"},
    {"", "", PushOutcome::kUnreachable, "it ended with exit code 1"},
};

TEST(PushOutcomeTest, UnderstandsWhatGitSays) {
  for (const Case& known : kCases) {
    const ProcessResult result{.exit_code = 1, .out = known.out, .err = known.err};
    EXPECT_EQ(JudgePush(result), known.outcome) << known.out << known.err;
    EXPECT_EQ(PushComplaint(result), known.complaint);
  }
}

TEST(PushOutcomeTest, SuccessIsSuccess) {
  EXPECT_EQ(JudgePush({.exit_code = 0, .out = "To x\n \tHEAD:refs/heads/main\ta..b\nDone\n"}),
            PushOutcome::kPushed);
}

TEST(PushOutcomeTest, NoControlByteGetsThrough) {
  EXPECT_EQ(PushComplaint({.exit_code = 1, .err = "remote: red \x1b[31m\n"}), "red \\x1b[31m");
}

}  // namespace
}  // namespace imglife
