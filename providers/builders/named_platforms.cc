#include "providers/builders/named_platforms.h"

#include <algorithm>
#include <utility>

#include "schema/text/dockerfile_reader.h"

namespace imglife {
namespace {

constexpr std::string_view kPlatformFlag = "--platform=";

bool MeansTarget(std::string_view asked) {
  return asked.empty() || asked == "$TARGETPLATFORM" || asked == "${TARGETPLATFORM}";
}

class PlatformNamer {
 public:
  PlatformNamer(std::string_view dockerfile, const Platform& platform)
      : reader_(dockerfile), platform_(platform) {}

  NamedPlatforms Run() {
    while (!reader_.AtEnd()) {
      const std::string_view instruction = reader_.TakeInstruction();
      std::size_t at = 0;
      if (EqualIgnoringCase(reader_.NextWord(instruction, at), "FROM")) {
        NameInFrom(instruction, at);
      } else {
        result_.dockerfile += instruction;
        result_.dockerfile += reader_.TakeDocuments(instruction);
      }
    }
    return std::move(result_);
  }

 private:
  struct Stage {
    std::string_view name;
    std::string platform;
  };

  // `FROM [--platform=P] IMAGE [AS NAME]`, read from behind FROM.
  void NameInFrom(std::string_view instruction, std::size_t at) {
    const std::size_t from_end = at;
    std::size_t flag_end = at;
    std::string_view flag;
    std::string_view word = reader_.NextWord(instruction, at);
    for (; word.substr(0, 2) == "--"; word = reader_.NextWord(instruction, at)) {
      if (word.substr(0, kPlatformFlag.size()) != kPlatformFlag) continue;
      flag = word;
      flag_end = at;
    }
    const std::string_view asked = flag.substr(std::min(flag.size(), kPlatformFlag.size()));
    const std::string named = MeansTarget(asked) ? DefaultFor(word) : std::string(asked);
    Note(named);
    result_.dockerfile += instruction.substr(0, flag_end - flag.size());
    if (flag.empty()) result_.dockerfile += ' ';
    result_.dockerfile += std::string(kPlatformFlag) + named;
    result_.dockerfile += instruction.substr(flag.empty() ? from_end : flag_end);
    if (EqualIgnoringCase(reader_.NextWord(instruction, at), "AS")) {
      stages_.push_back({reader_.NextWord(instruction, at), named});
    }
  }

  std::string DefaultFor(std::string_view image) const {
    const auto stage = std::find_if(stages_.rbegin(), stages_.rend(), [image](const Stage& one) {
      return EqualIgnoringCase(one.name, image);
    });
    return stage == stages_.rend() ? platform_.ToString() : stage->platform;
  }

  void Note(const std::string& named) {
    const auto platform = Platform::Parse(named);
    if (!platform.ok()) {
      result_.all_told = false;
    } else if (*platform != platform_) {
      result_.others.push_back(*platform);
    }
  }

  DockerfileReader reader_;
  const Platform& platform_;
  std::vector<Stage> stages_;
  NamedPlatforms result_;
};

}  // namespace

NamedPlatforms NamePlatforms(std::string_view dockerfile, const Platform& platform) {
  return PlatformNamer(dockerfile, platform).Run();
}

}  // namespace imglife
