// What images that stay were built on stays too. Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "engine/diff/retention.h"
#include "engine/observe/base_index.h"
#include "engine/observe/observed.h"
#include "schema/config/config.h"

namespace imglife {

// Collects the bases of images among the tags of some repositories, those that were listed.
class BasesOfKept {
 public:
  // `observed` outlives it.
  BasesOfKept(const Observed& observed, const std::set<Repository>& repositories);
  // The same for archives: tags have been tags of `archived` before.
  BasesOfKept(const Config& config, const Observed& observed, const std::set<Repository>& archives,
              const std::vector<Repository>& archived);

  // The image behind a tag stays; nothing is known of one that wasn't read.
  void Keep(const Repository& repository, const std::string& tag);
  void Keep(const ObservedImage& image, const Reference& tag);
  // Those of orphans, which nothing deletes.
  void KeepOrphans();

  // What they were built on, and why it stays.
  const NeededTags& needed() const { return needed_; }

 private:
  const Observed& observed_;
  BaseIndex index_;
  NeededTags needed_;
};

}  // namespace imglife
