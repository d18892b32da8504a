// One run of the imglife that was built.
#pragma once

#include <iosfwd>
#include <map>
#include <string>
#include <vector>

namespace imglife {

struct ImglifeRun {
  int exit_code = 0;  // 128 + N if ended by signal N
  std::string out;
  std::string err;
};

// env(1) and these arguments, so that no variable is there but PATH, with that imglife in it, HOME
// (the directory) and `environment`, and no signal is ignored because who runs the tests ignores
// it.
std::vector<std::string> InCleanEnvironment(const std::string& directory,
                                            const std::vector<std::string>& argv,
                                            const std::map<std::string, std::string>& environment);

// For the messages of failed tests.
void PrintTo(const ImglifeRun& run, std::ostream* out);

// Runs IMGLIFE_BINARY with these arguments in `directory`, with no environment but PATH, HOME (the
// directory) and `environment`. A run that doesn't end is stopped and fails the test, which
// says what it had printed.
ImglifeRun RunImglife(const std::string& directory, const std::vector<std::string>& arguments,
                      const std::map<std::string, std::string>& environment);

// The same, and while it runs SignalImglife can reach it by the same `pid_file`.
ImglifeRun RunImglife(const std::string& directory, const std::vector<std::string>& arguments,
                      const std::map<std::string, std::string>& environment,
                      const std::string& pid_file);
void SignalImglife(const std::string& pid_file, int signal);

// The same on a terminal of its own, which has all that it writes in `out`: once it has asked
// whether to go on, `typed` is typed there.
ImglifeRun RunOnTerminal(const std::string& directory, const std::vector<std::string>& arguments,
                         const std::map<std::string, std::string>& environment,
                         const std::string& typed);

// The same for a script of /bin/sh, which ends at the first command that fails and finds that
// imglife in its PATH.
ImglifeRun RunScript(const std::string& directory, const std::string& script,
                     const std::map<std::string, std::string>& environment);

}  // namespace imglife
