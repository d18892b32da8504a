#include "schema/config/credentials.h"

#include <set>
#include <string>

#include "schema/text/secrets.h"

namespace imglife {
namespace {

constexpr std::string_view kMessage =
    "this looks like a credential, and must not be in this file: put it into an environment "
    "variable (credentials of registries: IMGLIFE_HOST_USERNAME and _PASSWORD, or _TOKEN)";

class CredentialSearch {
 public:
  explicit CredentialSearch(DecodeContext& context) : context_(context) {}

  // As deep as the reader lets a tree be.
  void Visit(const Value& value) {
    const YamlNode& node = value.node();
    // An alias leads to what was seen already.
    if (!seen_.insert(node.identity()).second) return;
    if (node.IsScalar() && IsCredential(node.text())) {
      context_.credentials.insert(node.identity());
      Report(value, node.at());
    }
    for (std::size_t i = 0; i < node.items().size(); ++i) Visit(value.Item(i));
    for (const YamlEntry& entry : node.entries()) {
      const Value member = value.Member(entry);
      if (IsCredential(entry.key)) Report(member, entry.key_at);
      Visit(member);
    }
  }

 private:
  void Report(const Value& value, SourcePosition at) {
    context_.credential_lines.insert(at.line);
    value.ReportAt(at, "credential", std::string(kMessage));
  }

  DecodeContext& context_;
  std::set<const void*> seen_;
};

}  // namespace

void ReportCredentials(const Value& document) {
  CredentialSearch(document.context()).Visit(document);
}

}  // namespace imglife
