// What retention says of a scene.
#pragma once

#include <string>
#include <vector>

#include "engine/diff/retention.h"
#include "tests/engine/diff/scene.h"

namespace imglife {

inline RetentionResult Judge(const Scene& scene, const char* repository = kCleanedMirror) {
  return JudgeRetention(scene.config, scene.Wanted(), scene.observed, kNow)
      .at(MakeRepository(repository));
}

inline std::vector<std::string> Candidates(const RetentionResult& result) {
  std::vector<std::string> tags;
  for (const RetentionVerdict& verdict : result.tags) {
    if (verdict.candidate) tags.push_back(verdict.tag);
  }
  return tags;
}

}  // namespace imglife
