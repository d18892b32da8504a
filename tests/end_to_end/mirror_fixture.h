// A mirror of one tag, 3.24.0, which is there: whatever else is in it is what a test adds.
#pragma once

#include <string>

#include "tests/end_to_end/registries_fixture.h"

namespace imglife {

class MirrorTest : public RegistriesTest {
 protected:
  MirrorTest() {
    Push(private_, "mirrors/alpine", "3.24.0", Push(upstream_, "library/alpine", "3.24.0"));
  }

  // One sync entry, which selects by `rule` ("tag_regex: '^3'"); `more` follows it.
  void ConfigureEntry(const std::string& rule, const std::string& more = "") const {
    Configure(
        "sync:\n"
        "  entries:\n"
        "    - source: $UPSTREAM/library/alpine\n"
        "      " +
        rule +
        "\n"
        "      target: $PRIVATE/mirrors/alpine\n" +
        more);
  }
  // The entry is that of 3.24.0. `more`: further keys of the entry, or sections.
  void ConfigureMirror(const std::string& more = "") const {
    ConfigureEntry("tag: \"3.24.0\"", more);
  }

  // Of an image that no other tag has, older than any retention keeps it for.
  TestImage PushOld(const std::string& tag) {
    return Push(private_, "mirrors/alpine", tag, Image("old " + tag, "2024-01-01"));
  }

  std::string repository() const { return private_.host() + "/mirrors/alpine"; }
};

}  // namespace imglife
