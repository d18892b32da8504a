#include "tests/end_to_end/imglife_run.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <ostream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "providers/system/system.h"

namespace imglife {
namespace {

ImglifeRun RunProgram(const std::string& directory, const std::vector<std::string>& argv,
                      const std::map<std::string, std::string>& environment) {
  const char* path = std::getenv("PATH");
  ProcessSpec spec;
  spec.argv = {
      "/usr/bin/env", "-i",
      fmt::format("PATH={}:{}", std::filesystem::path(IMGLIFE_BINARY).parent_path().string(),
                  path == nullptr ? "" : path),
      "HOME=" + directory};
  for (const auto& [name, value] : environment) spec.argv.push_back(name + "=" + value);
  spec.argv.insert(spec.argv.end(), argv.begin(), argv.end());
  spec.directory = directory;
  spec.timeout = absl::Minutes(2);
  const auto result = MakeProcessRunner()->Run(spec);
  if (!result.ok()) {
    ADD_FAILURE() << result.status();
    return {.exit_code = -1, .out = "", .err = ""};
  }
  return {.exit_code = result->exit_code, .out = result->out, .err = result->err};
}

}  // namespace

void PrintTo(const ImglifeRun& run, std::ostream* out) {
  *out << "exit code " << run.exit_code << "\nstdout: " << run.out << "\nstderr: " << run.err;
}

ImglifeRun RunImglife(const std::string& directory, const std::vector<std::string>& arguments,
                      const std::map<std::string, std::string>& environment) {
  std::vector<std::string> argv = {IMGLIFE_BINARY};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return RunProgram(directory, argv, environment);
}

ImglifeRun RunImglife(const std::string& directory, const std::vector<std::string>& arguments,
                      const std::map<std::string, std::string>& environment,
                      const std::string& pid_file) {
  std::vector<std::string> argv = {"/bin/sh", "-c", "echo $$ > \"$0\"; exec \"$@\"", pid_file,
                                   IMGLIFE_BINARY};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return RunProgram(directory, argv, environment);
}

void SignalImglife(const std::string& pid_file, int signal) {
  std::ifstream file(pid_file);
  pid_t pid = 0;
  ASSERT_TRUE(file >> pid) << "can't read " << pid_file;
  EXPECT_EQ(::kill(pid, signal), 0);
}

ImglifeRun RunScript(const std::string& directory, const std::string& script,
                     const std::map<std::string, std::string>& environment) {
  return RunProgram(directory, {"/bin/sh", "-ec", script}, environment);
}

}  // namespace imglife
