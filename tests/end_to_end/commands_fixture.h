// A configuration of which every command has something to do.
#pragma once

#include <string>

#include "tests/end_to_end/registries_fixture.h"

namespace imglife {

// To do: two copies, a build on one of them, a deletion.
class CommandsTest : public RegistriesTest {
 protected:
  static constexpr char kConfig[] = R"(sync:
  entries:
    - source: $UPSTREAM/library/alpine
      tag_regex: '^3\.\d+\.\d+$'
      keep_last: 1
      target: $PRIVATE/mirrors/alpine
build:
  core_version: "1.0.0"
  registry: $PRIVATE/bases
  backend: buildah
  platforms: [linux/amd64]
  images:
    - name: alpine
      folder: images/alpine
      type: core
      mirror_image: $PRIVATE/mirrors/alpine
      mirror_tag: "3.21.3"
      args: {MIRROR: eu-1}
retention: {keep_last: 0}
)";

  void SetUp() override {
    Push(upstream_, "library/alpine", "3.21.3");
    Push(upstream_, "library/alpine", "3.24.0");
    const TestImage wanted = Push(upstream_, "library/alpine", "3.24.1");
    Push(private_, "mirrors/alpine", "3.24.1", wanted);
    Push(private_, "mirrors/alpine", "3.1.0", Image("old", "2024-01-01"));
    Configure(kConfig);
    Write("images/alpine/Dockerfile.tmpl", "FROM {{ .BaseImage }}\nCOPY etc /etc\n");
    Write("images/alpine/etc/motd", "hello\n");
    Write("images/alpine/.dockerignore", "secret\n");
    Write("images/alpine/secret", "not in the image\n");
  }

  std::string mirror() const { return private_.host() + "/mirrors/alpine"; }
  std::string bases() const { return private_.host() + "/bases/alpine"; }
};

}  // namespace imglife
