#include "tests/engine/observe/config_maker.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "fmt/format.h"

#include "schema/config/read_config.h"

namespace imglife {
namespace {

std::string Items(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += "    - {" + item + "}\n";
  return text;
}

}  // namespace

Repository MakeRepository(const std::string& text) {
  return ParseRepository(text).value();
}

Config MakeConfig(const std::string& content) {
  Findings findings;
  auto config = ReadConfig("imglife.yaml", content, {}, findings);
  std::string text;
  for (const Finding& finding : findings.Sorted()) {
    text += RenderFinding("imglife.yaml", content, finding);
  }
  if (!config) throw std::invalid_argument(text);
  return *std::move(config);
}

std::string SyncText(const std::vector<std::string>& entries) {
  return "sync:\n  entries:\n" + Items(entries);
}

std::string BuildText(const std::vector<std::string>& images, const std::string& more) {
  return "build:\n  core_version: '1'\n  registry: r.test/bases\n" + more + "  images:\n" +
         Items(images);
}

TagList MakeTagList(std::vector<std::string> tags) {
  TagList list;
  std::sort(tags.begin(), tags.end());
  list.tags = std::move(tags);
  return list;
}

Listings MakeListings(const std::map<std::string, std::vector<std::string>>& tags_by_repository) {
  Listings listings;
  for (const auto& [repository, tags] : tags_by_repository) {
    listings.emplace(MakeRepository(repository), MakeTagList(tags));
  }
  return listings;
}

std::vector<std::string> DescribeMirror(const Desired& desired, const std::string& target) {
  const auto mirror = desired.mirrors.find(MakeRepository(target));
  if (mirror == desired.mirrors.end()) return {"no such mirror"};
  std::vector<std::string> lines;
  for (const auto& [tag, wanted] : mirror->second) {
    const std::string from = wanted.source_tag == tag ? "" : " as " + wanted.source_tag;
    lines.push_back(fmt::format("{}{} <- entry {}: {}", tag, from, wanted.entry, wanted.reason));
  }
  return lines;
}

}  // namespace imglife
