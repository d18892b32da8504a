#include "engine/diff/eol_after.h"

#include "schema/documents/eol_status.h"

namespace imglife {

EolData EolAfterUpdate(const Observed& observed) {
  EolData data = observed.eol_file;
  for (const auto& [product, cycles] : observed.eol) {
    if (cycles.ok()) data.products[product] = *cycles;
  }
  return data;
}

const EolCycle* CycleOfImage(const Config& config, const DesiredImage& image, const EolData& data) {
  const BuildImage& written = config.build->images[image.index];
  const auto& lifecycle = written.lifecycle;
  if (!lifecycle) return nullptr;
  const auto product = data.products.find(lifecycle->product);
  if (product == data.products.end()) return nullptr;
  return CycleOfTag(TagWithCycle(written, image), *lifecycle, product->second);
}

}  // namespace imglife
