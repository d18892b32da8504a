#include "engine/diff/build_inputs.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include "fmt/format.h"

#include "engine/diff/pin_base.h"
#include "engine/observe/image_reference.h"
#include "engine/template/template.h"

namespace imglife {
namespace {

constexpr std::size_t kShortHex = 8;

TemplateValue::Map TemplateData(const Config& config, const DesiredImage& image,
                                const BuildFacts& facts) {
  const BuildImage& written = config.build->images[image.index];
  TemplateValue::Map args;
  for (const auto& [name, value] : written.args) args[name] = value;
  TemplateValue::List platforms;
  for (const Platform& platform : written.platforms) platforms.push_back(platform.ToString());
  TemplateValue::Map data;
  data["Name"] = written.name;
  data["Type"] = std::string(ImageTypeName(written.type));
  data["Version"] = image.version;
  data["CoreVersion"] = config.build->core_version;
  data["MirrorImage"] = image.base.repository.ToString();
  data["MirrorTag"] = image.base.tag;
  data["MirrorDigest"] = facts.base_digest.str();
  data["BaseImage"] = image.base.ToString();
  data["Registry"] = config.build->registry.ToString();
  data["Image"] = image.image.ToString();
  data["Tag"] = image.image.tag;
  data["Folder"] = written.folder_as_written;
  data["Platforms"] = std::move(platforms);
  data["Args"] = std::move(args);
  data["Revision"] = facts.revision;
  data["EOLDate"] = facts.eol_date;
  return data;
}

// Lengths before contents: no two different lists of parts give the same text.
std::string Canonical(const std::map<std::string, Digest>& parts) {
  std::string text = "imglife inputs 1\n";
  for (const auto& [name, digest] : parts) {
    text += fmt::format("{}:{} {}\n", name.size(), name, digest.str());
  }
  return text;
}

// The parts as the label has them: name to HEX8.
using LabelParts = std::map<std::string, std::string>;

// Images of earlier versions have a line for each part.
LabelParts ParsePartsLabel(std::string_view label) {
  LabelParts parts;
  while (!label.empty()) {
    const std::string_view part = label.substr(0, label.find_first_of(";\n"));
    label.remove_prefix(std::min(part.size() + 1, label.size()));
    const std::size_t equals = part.rfind('=');
    if (equals != std::string::npos) parts.emplace(part.substr(0, equals), part.substr(equals + 1));
  }
  return parts;
}

std::string NameInLabel(std::string_view name) {
  std::string text;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte >= ' ' && byte != 0x7F && c != ';' && c != '%';
    text += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return text;
}

LabelParts PartsForLabel(const std::map<std::string, Digest>& parts) {
  LabelParts names;
  for (const auto& [name, digest] : parts) {
    names[NameInLabel(name)] = digest.hex().substr(0, kShortHex);
  }
  return names;
}

}  // namespace

std::string BuildInputs::PartsLabel() const {
  std::string label;
  for (const auto& [name, hex] : PartsForLabel(parts)) {
    label += fmt::format("{}{}={}", label.empty() ? "" : ";", name, hex);
  }
  return label;
}

absl::StatusOr<BuildInputs> ComputeBuildInputs(const Config& config, const DesiredImage& image,
                                               const ObservedContext& context,
                                               const BuildFacts& facts) {
  const BuildImage& written = config.build->images[image.index];
  const std::string name = fmt::format("{}/{}", written.folder_as_written, written.tmpl);
  const auto render = [&](const BuildFacts& seen) {
    return RenderTemplate(name, context.dockerfile_template, TemplateData(config, image, seen));
  };
  const auto rendered = render(facts);
  if (!rendered.ok()) return rendered.status();
  BuildFacts lasting = facts;
  lasting.revision.clear();
  const auto without_revision = render(lasting);
  if (!without_revision.ok()) return without_revision.status();

  BuildInputs inputs;
  inputs.dockerfile = PinBase(*rendered, image.base, facts.base_digest);
  for (const ContextFile& file : context.files) {
    // The template is an input as what it renders to.
    if (file.path == written.tmpl) continue;
    inputs.files.push_back(file);
    inputs.parts["file " + file.path] = file.digest;
  }
  inputs.parts["base"] = facts.base_digest.empty() ? Digest::OfBytes("") : facts.base_digest;
  inputs.parts["template"] = Digest::OfBytes(PinBase(*without_revision, image.base, Digest()));
  for (const auto& [arg, value] : written.args) {
    inputs.parts["argument " + arg] = Digest::OfBytes(value);
  }
  std::string platforms;
  for (const Platform& platform : written.platforms) platforms += platform.ToString() + "\n";
  inputs.parts["platforms"] = Digest::OfBytes(platforms);
  inputs.parts["sbom"] = Digest::OfBytes(written.sbom ? "true" : "false");
  inputs.digest = Digest::OfBytes(Canonical(inputs.parts));
  return inputs;
}

std::vector<std::string> ChangedParts(const std::string& parts_label, const BuildInputs& now) {
  std::vector<std::string> changed;
  const LabelParts before = ParsePartsLabel(parts_label);
  if (before.empty()) return changed;
  const LabelParts after = PartsForLabel(now.parts);
  for (const auto& [name, hex] : after) {
    const auto at = before.find(name);
    if (at == before.end() || at->second != hex) changed.push_back(name);
  }
  for (const auto& [name, hex] : before) {
    if (after.count(name) == 0) changed.push_back(name);
  }
  std::sort(changed.begin(), changed.end());
  return changed;
}

std::map<std::string, std::string> ImageLabels(const Config& config, const DesiredImage& image,
                                               const BuildInputs& inputs, const BuildFacts& facts,
                                               const std::string& source,
                                               const std::string& created) {
  const BuildImage& written = config.build->images[image.index];
  std::map<std::string, std::string> labels = {
      {"org.opencontainers.image.created", created},
      {"org.opencontainers.image.version", image.version},
      {"org.opencontainers.image.title", written.name},
      {"org.opencontainers.image.base.name", image.base.ToString()},
      {"org.opencontainers.image.base.digest", facts.base_digest.str()},
      {"io.imglife.inputs", inputs.digest.str()},
      {"io.imglife.inputs-parts", inputs.PartsLabel()},
      {"io.imglife.type", std::string(ImageTypeName(written.type))},
      {"io.imglife.core-version", config.build->core_version},
      {"BASE_IMAGE_REF", image.base.ToString()},
  };
  if (!source.empty()) labels["org.opencontainers.image.source"] = source;
  if (!facts.revision.empty()) labels["org.opencontainers.image.revision"] = facts.revision;
  if (!facts.eol_date.empty()) labels["io.imglife.eol-date"] = facts.eol_date;
  return labels;
}

}  // namespace imglife
