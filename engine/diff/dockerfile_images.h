// The images that a Dockerfile names, with its variables expanded as far as they can be told
// without a build (Dockerfile reference: "ARG", "ENV", "Environment replacement"). Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace imglife {

// Stands for what a variable would be whose value can't be told: any text. No reference has it.
inline constexpr char kUntold = '*';

struct DockerfileImages {
  // What FROM, COPY --from= and RUN --mount=from= name, in order, but for the names of stages.
  std::vector<std::string> named;
  // All instructions, one a line.
  std::string text;
};

// `args` are what the build gives for ARG. Not told: variables without a value, those that builders
// set (TARGETARCH), those that a stage doesn't declare (its base may), and operators beyond
// `${X:-a}`, `${X-a}`, `${X:+a}`, `${X+a}`, `${X:?a}` and `${X?a}`.
DockerfileImages ImagesOf(std::string_view dockerfile,
                          const std::map<std::string, std::string>& args);

}  // namespace imglife
