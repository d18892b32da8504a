// Which tags of mirrors still are what their sources have, with as few questions as possible: a
// registry that describes many tags at once is asked for that where it takes fewer requests than
// asking for each tag.
//
// Such a description may be behind the registry, so it only proves that nothing changed: where it
// says another digest than the mirror has, the registry itself is asked.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/observe/listings.h"
#include "engine/observe/observed.h"
#include "engine/observe/registry_memo.h"
#include "schema/image/platform.h"

namespace imglife {

// A tag of a mirror that is compared with its source.
struct DigestCheck {
  Repository target;
  std::string tag;
  Repository source;
  std::string source_tag;
  const std::vector<Platform>* platforms = nullptr;  // empty: all
};

// One thread at a time; Describe may run beside anything that doesn't use the same object.
class DigestChecks {
 public:
  void Add(DigestCheck check) { checks_.push_back(std::move(check)); }

  // Decides, by the lists of the sources, what is described; the rest of the source tags is
  // returned.
  std::set<std::pair<Repository, std::string>> AskedOneByOne(const Listings& lists);

  // Asks for the descriptions. Where one can't be had, for the digest of each tag instead: the
  // answers are kept by `registry`.
  void Describe(RegistryMemo& registry);

  // The checks that AskedOneByOne left out.
  const std::vector<DigestCheck>& described() const { return described_; }

  // What the source's tag is, if its description proves that the mirror's is made of just that;
  // else empty. The mirror's tag has been read.
  Digest ProvenDigest(const DigestCheck& check, const Observed& observed) const;

 private:
  std::vector<DigestCheck> checks_;
  std::vector<DigestCheck> described_;
  std::map<Repository, std::map<std::string, TagDetails>> details_;
};

}  // namespace imglife
