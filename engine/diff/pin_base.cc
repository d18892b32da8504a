#include "engine/diff/pin_base.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "schema/text/dockerfile_reader.h"

namespace imglife {
namespace {

constexpr std::string_view kLayoutScheme = "ocidir://";
constexpr std::string_view kPlatformOption = "--platform=";

bool IsTarget(std::string_view platform) {
  return platform.empty() || platform == "$TARGETPLATFORM" || platform == "${TARGETPLATFORM}";
}

bool Names(std::string_view word, const Reference& base) {
  const auto reference = ParseReference(word);
  if (!reference.ok() || reference->repository != base.repository) return false;
  const std::string tag =
      reference->tag.empty() && reference->digest.empty() ? "latest" : reference->tag;
  return tag == base.tag;
}

// Goes through a Dockerfile instruction by instruction (Dockerfile reference: "FROM").
class Pinner {
 public:
  Pinner(std::string_view dockerfile, const Reference& base, std::string pinned)
      : reader_(dockerfile), base_(base), pinned_(std::move(pinned)) {}

  std::string Run() {
    while (!reader_.AtEnd()) {
      const std::string_view instruction = reader_.TakeInstruction();
      std::size_t at = 0;
      if (EqualIgnoringCase(reader_.NextWord(instruction, at), "FROM")) {
        PinFrom(instruction, at);
      } else {
        result_ += instruction;
        result_ += reader_.TakeDocuments(instruction);
      }
    }
    return std::move(result_);
  }

  // After Run: the images of FROM lines that are neither the base nor a stage.
  const std::vector<std::string_view>& others() const { return others_; }

  // After Run: what the FROM lines of the base say behind `--platform=`, empty without it.
  const std::vector<std::string_view>& platforms() const { return platforms_; }

  // After Run: what the last FROM names, the image of a stage if it names one.
  const FinalImage& final_image() const { return final_image_; }

 private:
  // `FROM [--platform=P] IMAGE [AS NAME]` with IMAGE replaced, or as it is.
  void PinFrom(std::string_view instruction, std::size_t at) {
    std::string_view word = reader_.NextWord(instruction, at);
    std::string_view platform;
    for (; word.substr(0, 2) == "--"; word = reader_.NextWord(instruction, at)) {
      if (word.substr(0, kPlatformOption.size()) == kPlatformOption) {
        platform = word.substr(kPlatformOption.size());
      }
    }
    const std::size_t end = at;
    const auto stage = FindStage(word);
    const bool is_image = !word.empty() && stage == stages_.rend();
    const bool is_base = is_image && Names(word, base_);
    final_image_ = is_image || word.empty() ? FinalImage{std::string(word), is_base} : stage->image;
    if (is_image && !is_base) others_.push_back(word);
    if (is_base) platforms_.push_back(platform);
    result_ += instruction.substr(0, end - word.size());
    result_ += is_base ? std::string_view(pinned_) : word;
    result_ += instruction.substr(end);
    if (EqualIgnoringCase(reader_.NextWord(instruction, at), "AS")) {
      stages_.push_back({reader_.NextWord(instruction, at), final_image_});
    }
  }

  struct Stage {
    std::string_view name;
    FinalImage image;
  };

  // The name of an earlier stage stands for that stage, whatever image has the same name.
  std::vector<Stage>::const_reverse_iterator FindStage(std::string_view word) const {
    return std::find_if(stages_.rbegin(), stages_.rend(),
                        [word](const Stage& stage) { return EqualIgnoringCase(stage.name, word); });
  }

  DockerfileReader reader_;
  const Reference& base_;
  const std::string pinned_;
  std::vector<Stage> stages_;
  FinalImage final_image_;
  std::vector<std::string_view> others_;
  std::vector<std::string_view> platforms_;
  std::string result_;
};

}  // namespace

std::string PinBase(std::string_view dockerfile, const Reference& base, const Digest& digest) {
  return NameBase(dockerfile, base, Reference{base.repository, base.tag, digest}.ToString());
}

std::string NameBase(std::string_view dockerfile, const Reference& base, const std::string& name) {
  return Pinner(dockerfile, base, name).Run();
}

FinalImage FindFinalImage(std::string_view dockerfile, const Reference& base) {
  Pinner pinner(dockerfile, base, "");
  (void)pinner.Run();
  return pinner.final_image();
}

std::set<Platform> PlatformsOfBase(std::string_view dockerfile, const Reference& base,
                                   const std::vector<Platform>& wanted) {
  Pinner pinner(dockerfile, base, "");
  (void)pinner.Run();
  std::set<Platform> platforms;
  for (const std::string_view asked : pinner.platforms()) {
    if (IsTarget(asked)) {
      platforms.insert(wanted.begin(), wanted.end());
    } else if (auto other = Platform::Parse(asked); other.ok()) {
      platforms.insert(*std::move(other));
    }
  }
  return platforms;
}

std::string LayoutBesideBase(std::string_view dockerfile, const Reference& base) {
  Pinner pinner(dockerfile, base, "");
  (void)pinner.Run();
  const auto found = std::find_if(
      pinner.others().begin(), pinner.others().end(),
      [](std::string_view word) { return word.substr(0, kLayoutScheme.size()) == kLayoutScheme; });
  return found == pinner.others().end() ? "" : std::string(*found);
}

}  // namespace imglife
