#include <algorithm>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "providers/registry/ocidir/layout_index.h"
#include "schema/image/media_type.h"

namespace imglife {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string DigestText(char digit) {
  return "sha256:" + std::string(64, digit);
}

std::string Entry(char digit, const std::string& name, const std::string& more = "") {
  return fmt::format(
      R"({{"mediaType":"{}","digest":"{}","size":{}{}{}}})", media_type::kOciManifest,
      DigestText(digit), 7,
      name.empty()
          ? ""
          : fmt::format(R"(,"annotations":{{"org.opencontainers.image.ref.name":"{}"}})", name),
      more);
}

std::string Index(const std::string& entries, const std::string& more = "") {
  return fmt::format(R"({{"schemaVersion":2,"manifests":[{}]{}}})", entries, more);
}

Descriptor Described(char digit) {
  Descriptor descriptor;
  descriptor.media_type = media_type::kOciManifest;
  descriptor.digest = Digest::Parse(DigestText(digit)).value();
  descriptor.size = 7;
  return descriptor;
}

LayoutIndex Parsed(const std::string& content) {
  return LayoutIndex::Parse(content).value();
}

// "name=digit" of every entry.
std::vector<std::string> Entries(const LayoutIndex& index) {
  std::vector<std::string> entries;
  const LayoutIndex again = Parsed(index.Serialize());
  for (const LayoutEntry& entry : again.entries()) {
    entries.push_back(entry.name + "=" + std::string(entry.descriptor.digest.hex().substr(0, 1)));
  }
  return entries;
}

using Texts = std::vector<std::string>;

TEST(LayoutIndex, TheFirstValidNamesAreTags) {
  const LayoutIndex index =
      Parsed(Index(Entry('a', "1.0") + "," + Entry('a', "") + "," + Entry('b', "1.0") + "," +
                   Entry('a', "1.0") + "," + Entry('a', "team/app:1.0") + "," + Entry('b', "1.1")));
  EXPECT_EQ(index.AreTags(), (std::vector<bool>{true, false, false, true, false, true}));
}

TEST(LayoutIndex, NewOneIsAnEmptyIndex) {
  const LayoutIndex index;
  EXPECT_TRUE(index.entries().empty());
  EXPECT_EQ(Entries(index), Texts{});
}

TEST(LayoutIndex, FindsNamesAndDigests) {
  const LayoutIndex index = Parsed(Index(Entry('a', "1.0") + "," + Entry('b', "")));
  ASSERT_NE(index.FindName("1.0"), nullptr);
  EXPECT_EQ(index.FindName("1.0")->descriptor.digest.str(), DigestText('a'));
  EXPECT_EQ(index.FindName("1.0")->descriptor.size, 7);
  EXPECT_EQ(index.FindName("2.0"), nullptr);
  EXPECT_EQ(index.FindName(""), nullptr);
  EXPECT_NE(index.FindDigest(Described('b').digest), nullptr);
  EXPECT_EQ(index.FindDigest(Described('c').digest), nullptr);
}

TEST(LayoutIndex, NameMovesInItsPlace) {
  LayoutIndex index = Parsed(Index(Entry('a', "1") + "," + Entry('b', "2")));
  EXPECT_TRUE(index.SetName("1", Described('c')));
  EXPECT_TRUE(index.SetName("3", Described('a')));
  EXPECT_FALSE(index.SetName("3", Described('a')));
  EXPECT_EQ(Entries(index), (Texts{"1=c", "2=b", "3=a"}));
}

TEST(LayoutIndex, WhatOthersWroteStays) {
  const std::string foreign = Entry('f', "docker.io/library/alpine:3.20",
                                    R"(,"platform":{"os":"linux","x":[1.5,null]},"zzz":"kept")");
  LayoutIndex index = Parsed(
      Index(foreign + "," + Entry('e', "") + "," + Entry('a', "1"), R"(,"own":{"b":1,"a":2})"));
  EXPECT_TRUE(index.SetName("1", Described('b')));
  EXPECT_TRUE(index.RemoveName("1"));
  EXPECT_EQ(Entries(index), (Texts{"docker.io/library/alpine:3.20=f", "=e"}));
  std::string compact = index.Serialize();
  compact.erase(
      std::remove_if(compact.begin(), compact.end(), [](char c) { return c == ' ' || c == '\n'; }),
      compact.end());
  EXPECT_EQ(compact, Index(foreign + "," + Entry('e', ""), R"(,"own":{"b":1,"a":2})"));
}

TEST(LayoutIndex, FirstOfSeveralEntriesOfANameCounts) {
  LayoutIndex index = Parsed(Index(Entry('a', "1") + "," + Entry('b', "1") + "," + Entry('a', "1") +
                                   "," + Entry('c', "2")));
  EXPECT_EQ(index.FindName("1")->descriptor.digest.str(), DigestText('a'));
  EXPECT_TRUE(index.RemoveName("1"));
  EXPECT_EQ(index.FindName("1"), nullptr);
  // The other image was never asked to go.
  EXPECT_EQ(Entries(index), (Texts{"=b", "2=c"}));
  EXPECT_THAT(index.Serialize(), Not(HasSubstr("ref.name\": \"1\"")));
}

TEST(LayoutIndex, NewValueOfANameReplacesTheFirstAndFreesTheOthers) {
  LayoutIndex index = Parsed(Index(Entry('a', "1") + "," + Entry('b', "1")));
  EXPECT_TRUE(index.SetName("1", Described('c')));
  EXPECT_EQ(Entries(index), (Texts{"1=c", "=b"}));

  LayoutIndex same = Parsed(Index(Entry('a', "1") + "," + Entry('b', "1")));
  EXPECT_TRUE(same.SetName("1", Described('a')));
  EXPECT_EQ(Entries(same), (Texts{"1=a", "=b"}));
}

TEST(LayoutIndex, DigestGoesWithAllItsNames) {
  LayoutIndex index = Parsed(Index(Entry('a', "1") + "," + Entry('b', "2") + "," + Entry('a', "") +
                                   "," + Entry('a', "3")));
  EXPECT_TRUE(index.RemoveDigest(Described('a').digest));
  EXPECT_FALSE(index.RemoveDigest(Described('a').digest));
  EXPECT_EQ(Entries(index), (Texts{"2=b"}));
}

TEST(LayoutIndex, EntryWithoutANameIsAddedOnce) {
  LayoutIndex index = Parsed(Index(Entry('a', "1")));
  EXPECT_FALSE(index.AddUnnamed(Described('a')));
  EXPECT_TRUE(index.AddUnnamed(Described('b')));
  EXPECT_FALSE(index.AddUnnamed(Described('b')));
  EXPECT_EQ(Entries(index), (Texts{"1=a", "=b"}));
}

class HostileIndex : public testing::TestWithParam<std::string> {};

TEST_P(HostileIndex, IsRefused) {
  const absl::StatusOr<LayoutIndex> index = LayoutIndex::Parse(GetParam());
  EXPECT_EQ(index.status().code(), absl::StatusCode::kInvalidArgument) << index.status();
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t position = text.find(from);
  return position == std::string::npos ? "" : text.replace(position, from.size(), to);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, HostileIndex,
    testing::Values(
        "", "{", "null", "[]", "{}", "\xFF", Index("") + "x", R"({"schemaVersion":2})",
        R"({"schemaVersion":1,"manifests":[]})", R"({"schemaVersion":"2","manifests":[]})",
        R"({"schemaVersion":2,"manifests":{}})", R"({"schemaVersion":2,"manifests":null})",
        Index("1"), Index("null"), Index("{}"), Index(Entry('a', "1") + ",[]"),
        Index(Replaced(Entry('a', "1"), DigestText('a'), "../../../../etc/passwd")),
        Index(Replaced(Entry('a', "1"), DigestText('a'), "sha256:../../../../etc/passwd")),
        Index(Replaced(Entry('a', "1"), DigestText('a'), DigestText('A'))),
        Index(Replaced(Entry('a', "1"), DigestText('a'), DigestText('a') + "a")),
        Index(Replaced(Entry('a', "1"), "\"" + DigestText('a') + "\"", "7")),
        Index(Replaced(Entry('a', "1"), ":7", ":-1")),
        Index(Replaced(Entry('a', "1"), ":7", ":1.5")),
        Index(Replaced(Entry('a', "1"), ":7", ":18446744073709551615")),
        Index(Replaced(Entry('a', "1"), ":7", ":\"7\"")),
        Index(Replaced(Entry('a', "1"), "\"mediaType\"", "\"kind\"")),
        Index(Replaced(Entry('a', "1"), "\"1\"", "1")),
        Index(Replaced(Entry('a', ""), "}", ",\"annotations\":[]}")),
        Index(Replaced(Entry('a', ""), "}", ",\"annotations\":{\"x\":null}}")),
        Index("", ",\"x\":" + std::string(100'000, '[')),
        Index("", ",\"x\":" + std::string(5'000, '[') + std::string(5'000, ']'))));

}  // namespace
}  // namespace imglife
