// eol-data.yaml: what is written is read as it was, and written with the same bytes again.
#include <string>

#include "schema/documents/eol_data.h"
#include "tests/fuzz/fuzzing.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace imglife;
  const std::string_view content = TextOf(data, size);
  Findings findings;
  const std::optional<EolData> read = ReadEolData(content, findings);
  Expect(read.has_value() == !findings.HasErrors(), "data without errors, errors without data");
  for (const Finding& finding : findings.Sorted()) {
    Expect(IsShowable(RenderFinding("eol-data.yaml", content, finding)),
           "a finding has no control characters");
  }
  if (!read) return 0;
  const std::string written = WriteEolData(*read);
  Findings none;
  const std::optional<EolData> again = ReadEolData(written, none);
  Expect(again.has_value(), "written data can be read");
  Expect(again->products == read->products, "written data is read as it was");
  Expect(CompareEolData(*read, *again).empty(), "data doesn't differ from itself");
  Expect(WriteEolData(*again) == written, "data is written the same way again");
  return 0;
}
