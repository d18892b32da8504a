#include "engine/observe/check_builds.h"

#include <array>
#include <set>
#include <string>
#include <utility>

#include "fmt/format.h"

#include "engine/observe/image_reference.h"
#include "engine/template/template.h"
#include "providers/files.h"

namespace imglife {
namespace {

// Tags of every kind that there is.
constexpr std::array<const char*, 4> kSampleTags = {"1.22.3-alpine3.21", "9", "20260805",
                                                    "bookworm"};

absl::Status FirstOf(const BuildSection& build, const BuildImage& image,
                     const std::string& mirror_tag) {
  const std::string& version = image.version.empty() ? mirror_tag : image.version;
  return ImageReference(build, image, mirror_tag, version).status();
}

// The error that every tag of the mirror would give.
absl::Status CheckTagFormat(const BuildSection& build, const BuildImage& image) {
  if (!image.mirror_tag.empty()) return FirstOf(build, image, image.mirror_tag);
  absl::Status first = FirstOf(build, image, kSampleTags.front());
  for (const char* tag : kSampleTags) {
    if (FirstOf(build, image, tag) != first) return absl::OkStatus();
  }
  return first;
}

void CheckTagFormats(const BuildSection& build, Findings& findings) {
  std::set<std::string> told;
  for (const BuildImage& image : build.images) {
    const absl::Status status = CheckTagFormat(build, image);
    const std::string message(status.message());
    if (status.ok() || !told.insert(message).second) continue;
    Finding finding;
    finding.code = "bad-tag-format";
    finding.at = build.tag_format_at;
    finding.path = image.rule.path;
    finding.message = message;
    findings.Add(std::move(finding));
  }
}

absl::Status CheckTemplate(const BuildImage& image) {
  const auto text = ReadFile(fmt::format("{}/{}", image.folder, image.tmpl));
  if (!text.ok()) return text.status();
  return CheckSyntax(fmt::format("{}/{}", image.folder_as_written, image.tmpl), *text);
}

}  // namespace

void CheckBuilds(const Config& config, Findings& findings) {
  if (!config.build) return;
  CheckTagFormats(*config.build, findings);
  for (const BuildImage& image : config.build->images) {
    const absl::Status status = CheckTemplate(image);
    if (status.ok()) continue;
    Finding finding;
    finding.code = "bad-template";
    finding.at = image.rule.at;
    finding.path = image.rule.path;
    finding.message = std::string(status.message());
    findings.Add(std::move(finding));
  }
}

}  // namespace imglife
