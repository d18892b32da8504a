// Dockerfile templates, parsed and rendered: bounded, the same every time, and text without actions
// is left as it is.
#include <string>

#include "absl/status/status.h"

#include "engine/template/template.h"
#include "tests/fuzz/fuzzing.h"

namespace imglife {
namespace {

TemplateValue Data() {
  return TemplateValue(TemplateValue::Map{
      {"Name", "alpine"},
      {"Version", "3.24.1"},
      {"Empty", ""},
      {"Args", TemplateValue::Map{{"MIRROR", "eu-1"}, {"EMPTY", ""}}},
      {"Platforms", TemplateValue::List{"linux/amd64", "linux/arm64"}},
      {"Mixed", TemplateValue::List{std::int64_t{-1}, "a", 2.5, true, TemplateValue()}},
  });
}

bool IsOfTheContract(const absl::Status& status) {
  return status.ok() || absl::IsInvalidArgument(status) || absl::IsFailedPrecondition(status) ||
         absl::IsResourceExhausted(status);
}

}  // namespace
}  // namespace imglife

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace imglife;
  constexpr std::size_t kMostRendered = std::size_t{16} << 20;
  const std::string_view text = TextOf(data, size);
  const absl::StatusOr<std::string> rendered = RenderTemplate("Dockerfile.tmpl", text, Data());
  Expect(IsOfTheContract(rendered.status()), "only statuses of the contract");
  Expect(rendered.ok() || MessageOf(rendered.status()).starts_with("Dockerfile.tmpl:"),
         "a message begins with the place");
  Expect(rendered.ok() || IsShowable(MessageOf(rendered.status())),
         "a message has no control characters");
  Expect(!rendered.ok() || rendered->size() <= kMostRendered, "the output is bounded");
  Expect(RenderTemplate("Dockerfile.tmpl", text, Data()) == rendered, "rendering is deterministic");
  if (text.find("{{") == std::string_view::npos) {
    Expect(rendered.ok() && *rendered == text, "text without actions stays as it is");
  }
  return 0;
}
