#include "engine/apply/hook_command.h"

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "re2/re2.h"

namespace imglife {

std::string ShellQuoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

std::string HookCommand(std::string_view cmd, const HookSubject& subject) {
  static const RE2 kPlaceholder(R"(\{\{\s*\.(Image|Tag|Digest)\s*\}\}|\{(image|tag|digest)\})");
  std::string result;
  re2::StringPiece rest(cmd.data(), cmd.size());
  const char* copied = cmd.data();
  re2::StringPiece groups[3];
  while (kPlaceholder.Match(rest, 0, rest.size(), RE2::UNANCHORED, groups, 3)) {
    result.append(copied, static_cast<std::size_t>(groups[0].data() - copied));
    const std::string name = groups[1].empty() ? groups[2].as_string() : groups[1].as_string();
    const bool image = name == "Image" || name == "image";
    const bool tag = name == "Tag" || name == "tag";
    result += ShellQuoted(image ? subject.image : tag ? subject.tag : subject.digest);
    copied = groups[0].data() + groups[0].size();
    rest = re2::StringPiece(copied, static_cast<std::size_t>(cmd.data() + cmd.size() - copied));
  }
  result.append(copied, static_cast<std::size_t>(cmd.data() + cmd.size() - copied));
  return result;
}

std::string MissedHook(const std::vector<std::string>& images) {
  return fmt::format("not run, and the next run won't make up for it: run it yourself for {}",
                     fmt::join(images, ", "));
}

std::map<std::string, std::string> HookEnvironment(const HookSubject& subject) {
  return {{"IMGLIFE_IMAGE", subject.image},
          {"IMGLIFE_REPOSITORY", subject.repository},
          {"IMGLIFE_TAG", subject.tag},
          {"IMGLIFE_DIGEST", subject.digest},
          {"IMGLIFE_STAGE", subject.stage}};
}

}  // namespace imglife
