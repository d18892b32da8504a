#include "tests/support/child_process.h"

#include <sys/wait.h>

#include <gtest/gtest.h>
#include <unistd.h>

namespace imglife {

pid_t StartChild(const std::function<bool()>& work) {
  const pid_t child = fork();
  if (child == 0) _exit(work() ? 0 : 1);
  return child;
}

int WaitForChild(pid_t child) {
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return status;
}

}  // namespace imglife
