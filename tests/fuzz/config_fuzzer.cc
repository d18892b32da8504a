// imglife.yaml, from its bytes to a Config or to findings that can be shown to anyone.
#include <string>

#include <nlohmann/json.hpp>

#include "schema/config/read_config.h"
#include "tests/fuzz/fuzzing.h"

namespace imglife {
namespace {

const Environment kEnvironment = {{"CI_REGISTRY", "registry.example.com"},
                                  {"CI_COMMIT_TAG", "v1.2.3"},
                                  {"EMPTY", ""},
                                  {"TOKEN", "glpat-0123456789abcdefghij"}};

bool IsInside(SourcePosition at, std::string_view content) {
  int lines = 2;  // the last one, and the end of a file that ends with its newline
  for (const char c : content) lines += c == '\n' || c == '\r' ? 1 : 0;
  return at.line >= 0 && at.line <= lines && at.column >= 0 &&
         static_cast<std::size_t>(at.column) <= content.size() + 1;
}

// Does it start with a byte order mark, or with the first character of UTF-16 or UTF-32?
bool SaysItsEncoding(std::string_view content) {
  const std::string_view start = content.substr(0, 4);
  return start.find('\0') != std::string_view::npos ||
         (!start.empty() && static_cast<unsigned char>(start.front()) >= 0x80);
}

void CheckShown(std::string_view content, const Findings& findings) {
  for (const Finding& finding : findings.Sorted()) {
    Expect(!finding.code.empty() && !finding.message.empty(), "a finding says what is wrong");
    Expect(IsInside(finding.at, content), "a finding is at a place of the file");
    const std::string shown = RenderFinding("imglife.yaml", content, finding);
    Expect(IsShowable(shown), "a finding has no control characters");
    Expect(shown.find("glpat-0123456789") == std::string::npos, "a finding shows no credential");
  }
  const auto json = nlohmann::json::parse(FindingsAsJson("imglife.yaml", findings), nullptr, false);
  Expect(json.is_object(), "findings are JSON");
  Expect(json.dump().find("glpat-0123456789") == std::string::npos, "JSON shows no credential");
}

}  // namespace
}  // namespace imglife

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace imglife;
  const std::string_view content = TextOf(data, size);
  Findings findings;
  const std::optional<Config> config = ReadConfig("imglife.yaml", content, kEnvironment, findings);
  Expect(config.has_value() == !findings.HasErrors(), "a config without errors, else none");
  CheckShown(content, findings);

  Findings again;
  const auto reread = ReadConfig("imglife.yaml", content, kEnvironment, again);
  Expect(FindingsAsJson("imglife.yaml", again) == FindingsAsJson("imglife.yaml", findings),
         "the same bytes have the same findings");
  if (!config) return 0;
  Expect(reread && reread->digest == config->digest, "the same bytes mean the same");
  if (SaysItsEncoding(content)) return 0;
  const auto commented =
      ReadConfig("imglife.yaml", "# comment\n" + std::string(content), kEnvironment, again);
  Expect(commented && commented->digest == config->digest, "a comment changes nothing");
  return 0;
}
