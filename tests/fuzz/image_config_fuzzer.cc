// Image configs: the same bytes mean the same config, and a date that is none of an image isn't
// one.
#include <string>

#include "absl/time/civil_time.h"

#include "schema/image/manifest.h"
#include "tests/fuzz/fuzzing.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace imglife;
  const std::string_view content = TextOf(data, size);
  const absl::StatusOr<ImageConfig> config = ParseImageConfig(content);
  const absl::StatusOr<ImageConfig> again = ParseImageConfig(content);
  Expect(config.status() == again.status(), "the same bytes have the same outcome");
  if (!config.ok()) {
    Expect(IsShowable(MessageOf(config.status())), "a message has no control characters");
    return 0;
  }
  Expect(config->created == again->created && config->platform == again->platform &&
             config->labels == again->labels,
         "the same bytes mean the same config");
  if (config->created) {
    const auto year = absl::ToCivilYear(*config->created, absl::UTCTimeZone()).year();
    Expect(year > 1970 && year != 1980, "a constant of reproducible builds is no date");
  }
  return 0;
}
