// Lets tests that run as root find what can't be read.
#pragma once

#include <array>
#include <sys/syscall.h>

#include "gtest/gtest.h"
#include <linux/capability.h>
#include <unistd.h>

namespace imglife {

// While it lives, this thread reads only what the modes of files and directories let their owner
// read, also as root.
class ModesCount {
 public:
  ModesCount() {
    EXPECT_EQ(syscall(SYS_capget, &header_, before_.data()), 0);
    std::array<__user_cap_data_struct, 2> fewer = before_;
    fewer[0].effective &= ~((1U << CAP_DAC_OVERRIDE) | (1U << CAP_DAC_READ_SEARCH));
    EXPECT_EQ(syscall(SYS_capset, &header_, fewer.data()), 0);
  }
  ~ModesCount() { EXPECT_EQ(syscall(SYS_capset, &header_, before_.data()), 0); }
  ModesCount(const ModesCount&) = delete;
  ModesCount& operator=(const ModesCount&) = delete;

 private:
  __user_cap_header_struct header_{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> before_{};
};

}  // namespace imglife
