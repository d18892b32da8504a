#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "fmt/format.h"

#include "schema/config/build_backends.h"
#include "schema/config/domain.h"
#include "schema/config/fields.h"
#include "schema/config/scalars.h"
#include "schema/config/sections.h"
#include "schema/config/variables.h"
#include "schema/image/reference.h"

namespace imglife {
namespace {

void ReadName(const Value& value, BuildImage& image) {
  std::optional<std::string> name = ReadSomeText(value);
  if (!name) return;
  const absl::StatusOr<Repository> repository = ParseRepository("registry.example.com/" + *name);
  if (!repository.ok() || repository->path != *name) {
    value.ReportExpanded(
        "bad-value",
        fmt::format("`{}` can't end a repository's name: write lower-case letters, digits "
                    "and `.`, `_`, `-` between them",
                    *name));
    return;
  }
  image.name = *std::move(name);
}

void ReadFolder(const Value& value, BuildImage& image) {
  std::optional<WrittenPath> path = ReadPath(value);
  if (!path) return;
  image.folder = std::move(path->joined);
  image.folder_as_written = std::move(path->written);
}

void ReadType(const Value& value, BuildImage& image) {
  static constexpr std::array<std::pair<std::string_view, ImageType>, 3> kWords = {
      {{"core", ImageType::kCore}, {"spe", ImageType::kSpe}, {"spe-dev", ImageType::kSpeDev}}};
  Assign(image.type, ReadWord(value, kWords));
}

bool LeavesFolder(std::string_view path) {
  return path.starts_with('/') || fmt::format("/{}/", path).find("/../") != std::string::npos;
}

void ReadTemplate(const Value& value, BuildImage& image) {
  std::optional<std::string> tmpl = ReadSomeText(value);
  if (!tmpl) return;
  if (LeavesFolder(*tmpl)) {
    value.Report("bad-value", fmt::format("`{}` is not inside the image's folder", *tmpl));
    return;
  }
  image.tmpl = *std::move(tmpl);
}

void ReadArgs(const Value& value, BuildImage& image) {
  if (!CheckMapping(value)) return;
  for (const YamlEntry& entry : value.node().entries()) {
    const Value argument = value.Member(entry);
    if (!IsVariableName(entry.key)) {
      argument.ReportAt(entry.key_at, "bad-value",
                        fmt::format("`{}` is no name of a build argument: write letters, digits "
                                    "and `_`",
                                    entry.key));
      continue;
    }
    if (std::optional<std::string> text = ReadText(argument)) {
      image.args.emplace(entry.key, *std::move(text));
    }
  }
}

std::optional<std::vector<Platform>> ReadSomePlatforms(const Value& value) {
  std::vector<Platform> platforms = ReadPlatforms(value);
  if (!platforms.empty()) return platforms;
  if (value.node().IsSequence() && value.node().items().empty()) {
    value.Report("bad-value", "at least one platform is needed");
  }
  return std::nullopt;
}

constexpr Field<BuildImage> kImageFields[] = {
    {"name", ReadName, true},
    {"folder", ReadFolder, true},
    {"type", ReadType, true},
    {"mirror_image",
     [](const Value& value, BuildImage& image) {
       Assign(image.mirror_image, ReadRepository(value));
     },
     true},
    {"mirror_tag",
     [](const Value& value, BuildImage& image) { Assign(image.mirror_tag, ReadTag(value)); }},
    {"version",
     [](const Value& value, BuildImage& image) { Assign(image.version, ReadSomeText(value)); }},
    {"tmpl", ReadTemplate},
    {"args", ReadArgs},
    {"platforms", [](const Value& value,
                     BuildImage& image) { Assign(image.platforms, ReadSomePlatforms(value)); }},
    {"sbom", [](const Value& value, BuildImage& image) { Assign(image.sbom, ReadBool(value)); }},
    {"hooks", [](const Value& value,
                 BuildImage& image) { DecodePostImageBuildHooks(value, image.post_image_build); }},
    {"lifecycle",
     [](const Value& value, BuildImage& image) { image.lifecycle = DecodeLifecycleRef(value); }},
};

struct BuildDraft {
  BuildSection section;
  std::vector<Platform> platforms = {Platform{"linux", "amd64", "", ""}};
  bool sbom = false;
  std::map<std::string, SourcePosition> names;
};

void CheckNameIsNew(const Value& item, const BuildImage& image, BuildDraft& draft) {
  const std::optional<Value> name = item.Find("name");
  if (!name || image.name.empty()) return;
  const auto [first, inserted] = draft.names.emplace(image.name, name->at());
  if (inserted) return;
  Finding finding;
  finding.code = "duplicate-name";
  finding.at = name->at();
  finding.message = fmt::format("another image is called `{}` too", image.name);
  finding.notes.push_back({first->second, "first defined here"});
  name->Add(std::move(finding));
}

void ReadImages(const Value& value, BuildDraft& draft) {
  for (const Value& item : ReadList(value)) {
    BuildImage image;
    image.rule = item.Rule();
    image.platforms = draft.platforms;
    image.sbom = draft.sbom;
    if (!ReadFields(item, kImageFields, image)) continue;
    CheckNameIsNew(item, image, draft);
    draft.section.images.push_back(std::move(image));
  }
}

void ReadBackend(const Value& value, BuildDraft& draft) {
  Assign(draft.section.backend, ReadWord(value, kBuildBackends));
}

void ReadTagFormat(const Value& value, BuildDraft& draft) {
  Assign(draft.section.tag_format, DecodeTagFormat(value));
  draft.section.tag_format_at = value.at();
}

// The images come last: they inherit the platforms and sbom.
constexpr Field<BuildDraft> kBuildFields[] = {
    {"core_version",
     [](const Value& value, BuildDraft& draft) {
       Assign(draft.section.core_version, ReadSomeText(value));
     },
     true},
    {"registry",
     [](const Value& value, BuildDraft& draft) {
       Assign(draft.section.registry, ReadRepositoryPrefix(value));
     },
     true},
    {"backend", ReadBackend},
    {"builder",
     [](const Value& value, BuildDraft& draft) { Assign(draft.section.builder, ReadText(value)); }},
    {"platforms", [](const Value& value,
                     BuildDraft& draft) { Assign(draft.platforms, ReadSomePlatforms(value)); }},
    {"sbom", [](const Value& value, BuildDraft& draft) { Assign(draft.sbom, ReadBool(value)); }},
    {"tag_format", ReadTagFormat},
    {"hooks",
     [](const Value& value, BuildDraft& draft) {
       DecodePostImageBuildHooks(value, draft.section.post_image_build);
     }},
    {"images", ReadImages},
};

}  // namespace

BuildSection DecodeBuild(const Value& value) {
  BuildDraft draft;
  draft.section.rule = value.Rule();
  draft.section.tag_format_at = draft.section.rule.at;
  ReadFields(value, kBuildFields, draft);
  return std::move(draft.section);
}

}  // namespace imglife
