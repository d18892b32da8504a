// The command line of a hook (config.md, Hook). Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace imglife {

// What a hook is told of the image that it runs for.
struct HookSubject {
  std::string image;       // REPOSITORY:TAG
  std::string repository;  // REPOSITORY
  std::string tag;
  std::string digest;
  std::string stage;  // "post_sync", "post_image_build"
};

// `cmd` with {{.Image}}, {{.Tag}}, {{.Digest}}, {image}, {tag} and {digest} replaced by the
// shell-quoted value; blanks inside the double braces are allowed.
std::string HookCommand(std::string_view cmd, const HookSubject& subject);

std::map<std::string, std::string> HookEnvironment(const HookSubject& subject);

// That a hook was not run for these images, and what that means: the next run finds them up to
// date.
std::string MissedHook(const std::vector<std::string>& images);

// 'text' for /bin/sh, whatever is in it.
std::string ShellQuoted(std::string_view text);

}  // namespace imglife
