#include "engine/diff/build_inputs.h"

#include <algorithm>
#include <cctype>
#include <sstream>
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

std::map<std::string, std::string> ParsePartsLabel(const std::string& label) {
  std::map<std::string, std::string> parts;
  std::istringstream lines(label);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t equals = line.rfind('=');
    if (equals != std::string::npos) parts[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return parts;
}

std::string ShortHex(const Digest& digest) {
  return std::string(digest.hex().substr(0, kShortHex));
}

}  // namespace

std::string BuildInputs::PartsLabel() const {
  std::string label;
  for (const auto& [name, part] : parts) {
    label += fmt::format("{}{}={}", label.empty() ? "" : "\n", name, ShortHex(part));
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
  const auto before = ParsePartsLabel(parts_label);
  if (before.empty()) return changed;
  for (const auto& [name, digest] : now.parts) {
    const auto at = before.find(name);
    if (at == before.end() || at->second != ShortHex(digest)) changed.push_back(name);
  }
  for (const auto& [name, hex] : before) {
    if (now.parts.count(name) == 0) changed.push_back(name);
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
