#include "engine/cli/build_contexts.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "fmt/format.h"
#include "nlohmann/json.hpp"

#include "engine/apply/build_preparation.h"
#include "engine/cli/exit_code.h"
#include "engine/diff/append_labels.h"
#include "engine/plan/words.h"
#include "providers/files.h"

namespace imglife {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

absl::Status IoError(const std::string& what, const fs::path& path, const std::error_code& error) {
  return absl::UnavailableError(
      fmt::format("can't {} {}: {}", what, path.string(), error.message()));
}

// The name becomes one folder below the output directory, never another place.
absl::Status CheckName(const std::string& name) {
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos ||
      name.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError(
        fmt::format("the image name \"{}\" would leave the output directory", name));
  }
  return absl::OkStatus();
}

// Other programs don't know image layouts by the names that imglife has for them.
absl::Status CheckReach(const PreparedBuild& build) {
  for (const Repository& repository : {build.base.repository, build.request.image.repository}) {
    if (repository.kind != Repository::Kind::kOciDir) continue;
    return absl::FailedPreconditionError(
        fmt::format("{} is an image layout, which a context can't name for other programs: build "
                    "without --output-dir, or use a registry",
                    repository.ToString()));
  }
  return absl::OkStatus();
}

// What is there is replaced only if an earlier run wrote it.
absl::Status CheckPlace(const fs::path& place, const fs::path& image_folder) {
  std::error_code error;
  const fs::file_status there = fs::symlink_status(place, error);
  if (there.type() == fs::file_type::not_found) return absl::OkStatus();
  if (error) return IoError("look at", place, error);
  const bool ours = fs::is_directory(there) && !fs::equivalent(place, image_folder, error) &&
                    (fs::is_empty(place, error) || fs::exists(place / "build.json", error));
  if (ours) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format(
      "{} is there already and wasn't written by `build --output-dir` (it has no build.json, or is "
      "the image's own folder): name another directory",
      place.string()));
}

std::string BuildJson(const PreparedBuild& build) {
  Json platforms = Json::array();
  for (const Platform& platform : build.request.platforms) platforms.push_back(platform.ToString());
  const Json document = {
      {"tag", build.request.image.ToString()},
      {"platforms", platforms},
      {"labels", build.request.labels},
      {"args", build.request.args},
      {"base", {{"name", build.base.ToString()}, {"digest", build.base_digest.str()}}},
      {"inputs", build.inputs.digest.str()}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

absl::Status CopyFiles(const PreparedBuild& build, const fs::path& to) {
  std::error_code error;
  for (const ContextFile& file : build.inputs.files) {
    const fs::path from = fs::path(build.request.context) / file.path;
    fs::create_directories((to / file.path).parent_path(), error);
    if (error) return IoError("make", (to / file.path).parent_path(), error);
    fs::copy(from, to / file.path, fs::copy_options::copy_symlinks, error);
    if (error) return IoError("copy", from, error);
  }
  return absl::OkStatus();
}

absl::Status Fill(const PreparedBuild& build, const std::string& dockerfile, const fs::path& to) {
  absl::Status status = CopyFiles(build, to);
  if (status.ok()) status = WriteFileAtomically((to / "Dockerfile").string(), dockerfile);
  if (status.ok()) status = WriteFileAtomically((to / "build.json").string(), BuildJson(build));
  return status;
}

absl::Status CheckContext(const std::string& directory, const std::string& name,
                          const PreparedBuild& build) {
  const absl::Status named = CheckName(name);
  if (!named.ok()) return named;
  return CheckPlace(fs::path(directory) / name, build.request.context);
}

// Filled beside its place and renamed into it.
absl::Status FillPlace(const std::string& directory, const std::string& name,
                       const PreparedBuild& build, const std::string& dockerfile) {
  const fs::path place = fs::path(directory) / name;
  const fs::path filling = fs::path(directory) / fmt::format(".{}.tmp", name);
  std::error_code error;
  fs::remove_all(filling, error);
  if (error) return IoError("remove", filling, error);
  fs::create_directories(filling, error);
  if (error) return IoError("make", filling, error);
  absl::Status status = Fill(build, dockerfile, filling);
  if (status.ok()) {
    fs::remove_all(place, error);
    if (!error) fs::rename(filling, place, error);
    if (error) status = IoError("write", place, error);
  }
  if (!status.ok()) fs::remove_all(filling, error);
  return status;
}

// Who builds a context gives no labels, and an image without them is none of ours.
absl::Status WriteContext(const std::string& directory, const std::string& name,
                          const PreparedBuild& build, bool dry_run) {
  const absl::Status reach = CheckReach(build);
  if (!reach.ok()) return reach;
  const absl::Status place = CheckContext(directory, name, build);
  if (!place.ok()) return place;
  const auto dockerfile = AppendLabels(build.request.dockerfile, build.request.labels);
  if (!dockerfile.ok() || dry_run) return dockerfile.status();
  return FillPlace(directory, name, build, *dockerfile);
}

// Whoever goes through the directory finds it, also where there is nothing to build.
absl::Status MakeDirectory(const std::string& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  return error ? IoError("make", directory, error) : absl::OkStatus();
}

struct Counts {
  std::size_t written = 0;
  std::size_t failed = 0;
};

std::string Closing(const std::string& directory, const Counts& counts, const StageExtent& extent,
                    std::string_view would_be) {
  const std::size_t failed = counts.failed + extent.not_planned;
  const std::size_t told = counts.written + failed + extent.left_out;
  const std::size_t up_to_date = extent.examined - std::min(told, extent.examined);
  return fmt::format("{}{} written to {}, {} up to date, {}{} failed.\n",
                     CountText(counts.written, "build context"), would_be, directory, up_to_date,
                     extent.left_out > 0 ? fmt::format("{} left out, ", extent.left_out) : "",
                     failed + extent.other_errors);
}

}  // namespace

int WriteBuildContexts(const std::string& directory, const Config& config, const Plan& plan,
                       const StageExtent& extent, RealWorld& world, Console& console,
                       bool dry_run) {
  const absl::Status made = dry_run ? absl::OkStatus() : MakeDirectory(directory);
  if (!made.ok()) {
    console.Error(std::string(made.message()));
    return kExitError;
  }
  Counts counts;
  for (const Action& action : plan.actions) {
    if (action.kind != ActionKind::kBuild) continue;
    const std::string& name = config.build->images[action.build.image].name;
    auto build = PrepareBuild(action, config, plan, world.registry(), world.world());
    const absl::Status status =
        build.ok() ? WriteContext(directory, name, *build, dry_run) : build.status();
    if (status.ok()) {
      ++counts.written;
      console.Note(fmt::format("  {}/{}  {}{}", directory, name, action.target,
                               dry_run ? ": would be written" : ""));
    } else {
      ++counts.failed;
      console.Error(fmt::format("{}: {}", action.Address(), std::string(status.message())));
    }
  }
  console.Print((dry_run ? "Dry run, nothing was changed: " : "") +
                Closing(directory, counts, extent, dry_run ? " would be" : ""));
  return counts.failed == 0 && plan.errors.empty() ? kExitOk : kExitError;
}

}  // namespace imglife
