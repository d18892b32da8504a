// Documents of endoflife.date: whatever cycles they have can be kept in eol-data.yaml.
#include <string>

#include "providers/eol/endoflife_documents.h"
#include "tests/fuzz/fuzzing.h"

namespace imglife {
namespace {

void Check(const absl::StatusOr<EolCycles>& cycles) {
  if (!cycles.ok()) {
    Expect(IsShowable(MessageOf(cycles.status())), "a message has no control characters");
    return;
  }
  Expect(cycles->size() <= kMostEolCycles, "the number of cycles is bounded");
  EolData data;
  data.products["fuzzed"] = *cycles;
  Findings findings;
  const std::optional<EolData> kept = ReadEolData(WriteEolData(data), findings);
  Expect(kept.has_value(), "the cycles of a product can be kept");
  Expect(kept->products == data.products, "the cycles of a product are kept as they are");
}

}  // namespace
}  // namespace imglife

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace imglife;
  const std::string_view body = TextOf(data, size);
  Check(ParseProductV1(body, "alpine-linux"));
  Check(ParseProductV0(body));
  Expect(ParseProductNames(body) == ParseProductNames(body), "names are the same every time");
  return 0;
}
