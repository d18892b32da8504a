// imglife.schema.json and the decoder know the same keys in every mapping.
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "nlohmann/json.hpp"
#include <gtest/gtest.h>

#include "schema/config/read_config.h"
#include "schema/text/diagnostics.h"
#include "tests/support/golden.h"

namespace imglife {
namespace {

using Json = nlohmann::json;

constexpr const char* kNoKey = "zzzzzzzzzzzzzzzzzzzz";

// Every mapping of the schema by its path ("sync.entries[]"), with its keys.
class SchemaMappings {
 public:
  explicit SchemaMappings(const Json& schema) : schema_(schema) { Visit(schema, ""); }

  const std::map<std::string, std::set<std::string>>& keys() const { return keys_; }

 private:
  void Visit(const Json& node, const std::string& path) {
    if (node.contains("$ref")) {
      const std::string name = node["$ref"].get<std::string>();
      Visit(schema_["definitions"][name.substr(name.rfind('/') + 1)], path);
    }
    if (node.contains("allOf")) {
      for (const Json& part : node["allOf"]) Visit(part, path);
    }
    if (node.contains("items")) Visit(node["items"], path + "[]");
    if (!node.contains("properties")) return;
    for (const auto& [key, value] : node["properties"].items()) {
      keys_[path].insert(key);
      Visit(value, path.empty() ? key : path + "." + key);
    }
  }

  const Json& schema_;
  std::map<std::string, std::set<std::string>> keys_;
};

// A document that has nothing but a mapping at `path`, which is `inner`.
Json DocumentWith(const std::string& path, const Json& inner) {
  if (path.empty()) return inner;
  if (path.ends_with("[]")) {
    return DocumentWith(path.substr(0, path.size() - 2), Json::array({inner}));
  }
  const std::size_t dot = path.rfind('.');
  if (dot == std::string::npos) return Json{{path, inner}};
  return DocumentWith(path.substr(0, dot), Json{{path.substr(dot + 1), inner}});
}

std::vector<Finding> FindingsFor(const Json& document) {
  Findings findings;
  ReadConfig("imglife.yaml", document.dump(), {}, findings);
  return findings.Sorted();
}

// The keys that the decoder offers for one that it doesn't know.
std::set<std::string> DecoderKeys(const std::string& path) {
  std::set<std::string> keys;
  for (const Finding& finding : FindingsFor(DocumentWith(path, Json{{kNoKey, 1}}))) {
    const std::string marker = "what may stand here: ";
    const std::size_t at = finding.message.find(marker);
    if (finding.code != "unknown-key" || at == std::string::npos) continue;
    std::istringstream list(finding.message.substr(at + marker.size()));
    for (std::string key; std::getline(list, key, ',');) {
      keys.insert(key.substr(key.find_first_not_of(' ')));
    }
  }
  return keys;
}

bool KnowsKey(const std::string& path, const std::string& key) {
  for (const Finding& finding : FindingsFor(DocumentWith(path, Json{{key, nullptr}}))) {
    if (finding.code == "unknown-key") return false;
  }
  return true;
}

TEST(ConfigJsonSchema, IsTheFile) {
  EXPECT_EQ(ConfigJsonSchema(), ReadTestFile(IMGLIFE_TESTDATA "/../schema/imglife.schema.json"));
}

TEST(ConfigJsonSchema, HasTheKeysOfTheDecoderInEveryMapping) {
  const SchemaMappings mappings(Json::parse(ConfigJsonSchema()));
  EXPECT_EQ(mappings.keys().size(), 27u);
  for (const auto& [path, keys] : mappings.keys()) {
    if (path == "build.images[].args") continue;
    EXPECT_EQ(DecoderKeys(path), keys) << "in " << path;
    for (const std::string& key : keys) EXPECT_TRUE(KnowsKey(path, key)) << path << "." << key;
    EXPECT_FALSE(KnowsKey(path, kNoKey)) << path;
  }
}

}  // namespace
}  // namespace imglife
