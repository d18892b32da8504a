// What an image says that it was built on (stages.md, build: Labels). Pure.
#pragma once

#include <set>

#include "engine/observe/observed.h"
#include "schema/image/digest.h"
#include "schema/image/reference.h"

namespace imglife {

struct NamedBases {
  // With a tag, `latest` where neither tag nor digest is written, and without digest.
  std::set<Reference> names;
  // Of the base, or of one platform of it.
  std::set<Digest> digests;

  bool empty() const { return names.empty() && digests.empty(); }
};

// By the labels and annotations of the image and of all its platforms: the annotations base.name
// and base.digest of OCI, and BASE_IMAGE_REF; a name with or without `docker://` or the
// like and with white space around it. What is no
// reference and no digest says nothing.
NamedBases NamedBasesOf(const ObservedImage& image);

}  // namespace imglife
