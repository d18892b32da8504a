// Finds tags by what images that were built on them say. Pure.
#pragma once

#include <map>
#include <set>

#include "engine/observe/named_bases.h"
#include "engine/observe/observed.h"
#include "engine/observe/registry_servers.h"
#include "schema/image/reference.h"

namespace imglife {

class BaseIndex {
 public:
  // `servers` outlives it.
  explicit BaseIndex(const RegistryServers& servers) : servers_(servers) {}

  // A tag, with the digest that it names where that is known. `image`: what is behind it, or null.
  void Add(const Reference& tag, const ObservedImage* image);
  // A name that an archived tag had before. By it alone the tag is found only where no digest is
  // given: the name may mean another image by now.
  void AddFormerName(const Reference& name, const Reference& tag);

  // Those that are bases, without digests: by name, whatever the name of its registry, and by the
  // digest of the tag or of one platform of it.
  std::set<Reference> Find(const NamedBases& bases) const;

 private:
  using Tags = std::map<Reference, std::set<Reference>>;

  Reference IdentityOf(const Reference& name) const;
  void AddFound(const Tags& tags, const NamedBases& bases, std::set<Reference>& found) const;

  const RegistryServers& servers_;
  Tags by_name_;
  Tags by_former_name_;
  std::map<Digest, std::set<Reference>> by_digest_;
};

}  // namespace imglife
