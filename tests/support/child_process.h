// Work in a process of its own, for what must hold between processes.
#pragma once

#include <functional>
#include <sys/types.h>

namespace imglife {

// Exits with 0 if `work` returns true, else with 1. The calling process has no other thread.
pid_t StartChild(const std::function<bool()>& work);

// How the child ended, as waitpid(2) says it: 0 if `work` returned true.
int WaitForChild(pid_t child);

}  // namespace imglife
