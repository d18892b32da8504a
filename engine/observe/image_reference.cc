#include "engine/observe/image_reference.h"

#include <map>

#include "absl/status/status.h"
#include "fmt/format.h"

#include "engine/template/template.h"

namespace imglife {
namespace {

// Replaces `{name}` tokens; unknown ones stay, and make the reference invalid.
std::string ReplaceTokens(std::string_view format,
                          const std::map<std::string, std::string>& tokens) {
  std::string result;
  for (std::size_t at = 0; at < format.size();) {
    const std::size_t close = format[at] == '{' ? format.find('}', at) : std::string_view::npos;
    const auto token = close == std::string_view::npos
                           ? tokens.end()
                           : tokens.find(std::string(format.substr(at + 1, close - at - 1)));
    if (token == tokens.end()) {
      result += format[at++];
    } else {
      result += token->second;
      at = close + 1;
    }
  }
  return result;
}

absl::StatusOr<std::string> Format(const BuildSection& build, const BuildImage& image,
                                   const std::string& mirror_tag, const std::string& version) {
  if (build.tag_format.find("{{") != std::string::npos) {
    TemplateValue::Map data;
    data["Name"] = image.name;
    data["Type"] = std::string(ImageTypeName(image.type));
    data["Version"] = version;
    data["CoreVersion"] = build.core_version;
    data["MirrorImage"] = image.mirror_image.ToString();
    data["MirrorTag"] = mirror_tag;
    data["BaseImage"] = fmt::format("{}:{}", image.mirror_image.ToString(), mirror_tag);
    data["Registry"] = build.registry.ToString();
    data["Folder"] = image.folder_as_written;
    return RenderTemplate("build.tag_format", build.tag_format, data);
  }
  return ReplaceTokens(build.tag_format, {{"registry", build.registry.ToString()},
                                          {"folder", image.folder_as_written},
                                          {"name", image.name},
                                          {"build_name", image.name},
                                          {"mirror-tag", mirror_tag},
                                          {"version", version},
                                          {"core_version", build.core_version}});
}

Repository UnderPrefix(const Repository& prefix, const std::string& name) {
  Repository repository = prefix;
  repository.path += "/" + name;
  return repository;
}

}  // namespace

std::string_view ImageTypeName(ImageType type) {
  switch (type) {
    case ImageType::kCore:
      return "core";
    case ImageType::kSpe:
      return "spe";
    case ImageType::kSpeDev:
      return "spe-dev";
  }
  return "";
}

absl::StatusOr<Reference> ImageReference(const BuildSection& build, const BuildImage& image,
                                         const std::string& mirror_tag,
                                         const std::string& version) {
  const auto text = Format(build, image, mirror_tag, version);
  if (!text.ok()) return text.status();
  if (build.tag_format.find("{registry}") != std::string::npos) {
    auto reference = ParseReference(*text);
    if (!reference.ok()) return reference.status();
    if (reference->tag.empty() || !reference->digest.empty()) {
      return absl::InvalidArgumentError(fmt::format(
          "build.tag_format gives {} for {}, which has no tag of its own", *text, image.name));
    }
    return reference;
  }
  if (!IsValidTag(*text)) {
    return absl::InvalidArgumentError(fmt::format(
        "build.tag_format gives the tag \"{}\" for {}; a tag has 1 to 128 letters, digits, '_', "
        "'.' and '-' and starts with a letter, a digit or '_'",
        *text, image.name));
  }
  return Reference{
      .repository = UnderPrefix(build.registry, image.name), .tag = *text, .digest = {}};
}

Repository ImageRepository(const BuildSection& build, const BuildImage& image) {
  const std::string tag = image.mirror_tag.empty() ? "0" : image.mirror_tag;
  const auto reference =
      ImageReference(build, image, tag, image.version.empty() ? tag : image.version);
  return reference.ok() ? reference->repository : UnderPrefix(build.registry, image.name);
}

}  // namespace imglife
