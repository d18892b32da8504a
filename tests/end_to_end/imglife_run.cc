#include "tests/end_to_end/imglife_run.h"

#include <cstdlib>
#include <memory>
#include <ostream>

#include <gtest/gtest.h>

#include "providers/system/system.h"

namespace imglife {

void PrintTo(const ImglifeRun& run, std::ostream* out) {
  *out << "exit code " << run.exit_code << "\nstdout: " << run.out << "\nstderr: " << run.err;
}

ImglifeRun RunImglife(const std::string& directory, const std::vector<std::string>& arguments,
                      const std::map<std::string, std::string>& environment) {
  const char* path = std::getenv("PATH");
  ProcessSpec spec;
  spec.argv = {"/usr/bin/env", "-i", std::string("PATH=") + (path == nullptr ? "" : path),
               "HOME=" + directory};
  for (const auto& [name, value] : environment) spec.argv.push_back(name + "=" + value);
  spec.argv.push_back(IMGLIFE_BINARY);
  spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
  spec.directory = directory;
  spec.timeout = absl::Minutes(2);
  const auto result = MakeProcessRunner()->Run(spec);
  if (!result.ok()) {
    ADD_FAILURE() << result.status();
    return {.exit_code = -1, .out = "", .err = ""};
  }
  return {.exit_code = result->exit_code, .out = result->out, .err = result->err};
}

}  // namespace imglife
