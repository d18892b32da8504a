#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "engine/diff/build_inputs.h"
#include "engine/diff/diff.h"
#include "engine/diff/eol_after.h"
#include "engine/diff/fit_base.h"
#include "engine/diff/pin_base.h"
#include "engine/plan/filter.h"
#include "engine/plan/words.h"
#include "schema/documents/eol_status.h"

namespace imglife {
namespace {

// Where the base of a build comes from.
struct Base {
  Digest digest;  // empty if an action before it makes the base
  std::optional<Need> need;
};

class BuildDiff {
 public:
  BuildDiff(const Config& config, const Desired& desired, const Observed& observed,
            const StageDiff& sync, const std::vector<std::string>& rebuild)
      : config_(config),
        desired_(desired),
        observed_(observed),
        sync_(sync),
        rebuild_(rebuild),
        eol_(EolAfterUpdate(observed)) {
    for (const Action& action : sync.actions) copies_[action.target] = &action;
    for (const DesiredImage& image : desired.images) by_index_[image.index] = &image;
  }

  StageDiff Run() {
    for (const DesiredImage& image : desired_.images) Visit(image);
    for (const auto& [index, reason] : desired_.unresolved) {
      diff_.not_planned.push_back(
          {ActionKind::kBuild, config_.build->images[index].rule.path, reason});
    }
    return std::move(diff_);
  }

 private:
  const BuildImage& Written(const DesiredImage& image) const {
    return config_.build->images[image.index];
  }

  // Bases first: whether an image is built may follow from whether its base is.
  void Visit(const DesiredImage& image) {
    if (!visited_.insert(image.index).second) return;
    if (image.base_image) Visit(*by_index_.at(*image.base_image));
    const auto base = FindBase(image);
    if (!base) return;
    Compare(image, *base);
  }

  std::optional<Base> FindBase(const DesiredImage& image) {
    if (image.base_image) {
      const std::string target = by_index_.at(*image.base_image)->image.ToString();
      if (planned_.count(target) > 0) {
        return Base{{}, Need{"build " + target, "it is the base of this image and is built first"}};
      }
    }
    const auto copy = copies_.find(image.base.ToString());
    if (copy != copies_.end()) {
      const auto digest = Digest::Parse(copy->second->after);
      return Base{
          digest.value_or(Digest()),
          Need{copy->second->Address(), "it is the base of this image and is copied first"}};
    }
    const Digest digest = observed_.DigestOf(image.base.repository, image.base.tag);
    const bool is_left = observed_.IsPlaceholder(image.base.repository, image.base.tag);
    if (!digest.empty() && !is_left) return Base{digest, std::nullopt};
    ReportMissingBase(image);
    return std::nullopt;
  }

  void ReportMissingBase(const DesiredImage& image) {
    const std::string base = image.base.ToString();
    const auto repository = observed_.repositories.find(image.base.repository);
    if (repository != observed_.repositories.end()) {
      if (!repository->second.status.ok()) {
        return Fail(image, fmt::format("its base {} could not be read", base),
                    WhyText(image.base.repository.ToString(), repository->second.status));
      }
      const auto asked = repository->second.resolved.find(image.base.tag);
      if (asked != repository->second.resolved.end() && !asked->second.ok() &&
          !absl::IsNotFound(asked->second.status())) {
        return Fail(image, fmt::format("its base {} could not be read", base),
                    WhyText(base, asked->second.status()));
      }
    }
    if (const std::string* cause = WhyNotCopied(image.base)) {
      return Fail(image, fmt::format("its base {} can't be copied", base), *cause);
    }
    const bool mirrored = desired_.mirrors.count(image.base.repository) > 0;
    Fail(image,
         mirrored
             ? fmt::format("its base {} is neither in the mirror nor available upstream; correct "
                           "mirror_tag, "
                           "or let a sync entry with this target select the tag",
                           base)
             : fmt::format(
                   "its base {} does not exist and nothing here makes it; correct mirror_image and "
                   "mirror_tag, or add a sync entry with this target",
                   base));
  }

  // Why a tag of a mirror that may be there upstream has no copy; null where it is known not to be
  // there.
  const std::string* WhyNotCopied(const Reference& base) const {
    const std::string reference = base.ToString();
    for (const NotPlanned& one : sync_.not_planned) {
      if (one.what != reference) continue;
      const auto problem =
          std::find_if(sync_.errors.begin(), sync_.errors.end(),
                       [&](const Problem& error) { return error.text == one.reason; });
      return problem == sync_.errors.end() ? &one.reason : &problem->cause;
    }
    const auto unselected = desired_.unselected.find(base.repository);
    return unselected == desired_.unselected.end() ? nullptr : &unselected->second;
  }

  void Compare(const DesiredImage& image, const Base& base) {
    const ObservedRepository* there = observed_.FindRepository(image.image.repository);
    if (there == nullptr || !there->status.ok()) {
      const std::string name = image.image.repository.ToString();
      return Fail(image, fmt::format("{} could not be read", name),
                  there == nullptr ? "it was not listed" : WhyText(name, there->status));
    }
    const auto inputs = Inputs(image, base);
    if (!inputs) return;
    if (!there->Has(image.image.tag))
      return Build(image, base, *inputs, nullptr, "tag does not exist");
    CompareWithExisting(image, base, *inputs, *there);
  }

  std::string EolDate(const DesiredImage& image) const {
    return EolDateText(CycleOfImage(config_, image, eol_));
  }

  std::optional<BuildInputs> Inputs(const DesiredImage& image, const Base& base) {
    const auto context = observed_.contexts.find(image.index);
    if (context == observed_.contexts.end() || !context->second.ok()) {
      Fail(image, "",
           context == observed_.contexts.end() ? "its folder was not read"
                                               : std::string(context->second.status().message()));
      return std::nullopt;
    }
    if (Written(image).lifecycle && !observed_.eol_file_status.ok()) {
      Fail(image, "its EOL date is not known", std::string(observed_.eol_file_status.message()));
      return std::nullopt;
    }
    const BuildFacts facts{
        .base_digest = base.digest, .revision = observed_.git_commit, .eol_date = EolDate(image)};
    auto inputs = ComputeBuildInputs(config_, image, *context->second, facts);
    if (!inputs.ok()) {
      Fail(image, "", std::string(inputs.status().message()));
      return std::nullopt;
    }
    const FinalImage final_image = FindFinalImage(inputs->dockerfile, image.base);
    if (final_image.name.empty()) {
      Fail(image, fmt::format("{}:1: renders to no FROM with an image, so nothing can be built; "
                              "begin it with FROM {{{{.BaseImage}}}}",
                              TemplateName(image)));
      return std::nullopt;
    }
    const std::string other = LayoutBesideBase(inputs->dockerfile, image.base);
    if (other.empty()) {
      WarnOfOtherBase(image, final_image);
      return *std::move(inputs);
    }
    Fail(image, fmt::format("FROM {}: builders find no image layout but that of the base, {}",
                            other, image.base.ToString()));
    return std::nullopt;
  }

  std::string TemplateName(const DesiredImage& image) const {
    return fmt::format("{}/{}", Written(image).folder_as_written, Written(image).tmpl);
  }

  void WarnOfOtherBase(const DesiredImage& image, const FinalImage& final_image) {
    // What a variable stands for is the builder's to say.
    const bool known = final_image.name.find('$') == std::string::npos;
    if (final_image.is_base || !known) return;
    diff_.warnings.push_back(fmt::format(
        "{}: the last FROM of {} is {}, not {} ({{{{.BaseImage}}}}): the labels that name the base "
        "would be false",
        RuleText(config_, Written(image).rule), TemplateName(image), final_image.name,
        image.base.ToString()));
  }

  void CompareWithExisting(const DesiredImage& image, const Base& base, const BuildInputs& inputs,
                           const ObservedRepository& there) {
    const auto asked = there.resolved.find(image.image.tag);
    if (asked == there.resolved.end() || !asked->second.ok()) {
      const std::string name = image.image.ToString();
      return Fail(image, fmt::format("{} could not be read", name),
                  asked == there.resolved.end() ? "it was not asked"
                                                : WhyText(name, asked->second.status()));
    }
    const ObservedImage* now = observed_.FindImage(image.image.repository, image.image.tag);
    if (now == nullptr) return Build(image, base, inputs, nullptr, "tag does not exist");
    if (RebuildAsked(image)) return Build(image, base, inputs, now, "rebuild was asked for");
    const std::string label = now->Label(std::string(annotation::kInputs));
    if (label.empty()) {
      diff_.warnings.push_back(fmt::format(
          "{}: {} was built by something else (it has no label io.imglife.inputs) and is left as "
          "it is; "
          "`imglife build --rebuild {}` replaces it",
          RuleText(config_, Written(image).rule), image.image.ToString(), Written(image).name));
      return;
    }
    if (base.digest.empty()) return Build(image, base, inputs, now, "its base is built anew");
    if (label == inputs.digest.str()) return;
    Build(image, base, inputs, now, WhatChanged(*now, inputs));
  }

  static std::string WhatChanged(const ObservedImage& now, const BuildInputs& inputs) {
    auto changed = ChangedParts(now.Label("io.imglife.inputs-parts"), inputs);
    if (changed.empty()) return "inputs changed";
    for (std::string& part : changed) {
      if (part == "base") part = "base digest";
    }
    return fmt::format("{} changed", fmt::join(changed, ", "));
  }

  bool RebuildAsked(const DesiredImage& image) const {
    return std::any_of(rebuild_.begin(), rebuild_.end(), [&](const std::string& pattern) {
      return GlobMatches(pattern, Written(image).name);
    });
  }

  void Build(const DesiredImage& image, const Base& base, const BuildInputs& inputs,
             const ObservedImage* now, const std::string& why) {
    const auto builder = observed_.builders.find(image.index);
    if (builder != observed_.builders.end() && !builder->second.ok()) {
      return Fail(image, "", std::string(builder->second.message()));
    }
    if (!BaseFits(image, base, inputs)) return;
    Action action;
    action.kind = ActionKind::kBuild;
    action.stage = Stage::kBuild;
    action.target = image.image.ToString();
    action.operation = now == nullptr ? Operation::kCreate : Operation::kUpdate;
    action.cause = why == "base digest changed" ? Cause::kUpstream : Cause::kPending;
    action.reason = why;
    action.rule = Written(image).rule;
    action.before = now == nullptr ? PlaceholderOrAbsent(image) : now->digest.str();
    if (!base.digest.empty()) action.after = inputs.digest.str();
    if (base.need) action.needs.push_back(*base.need);
    action.build.image = image.index;
    action.build.base = {image.base.repository, image.base.tag, base.digest};
    action.build.eol_date = EolDate(image);
    action.build.forced = now != nullptr && RebuildAsked(image);
    action.remarks = {why, "from " + ShortBase(image)};
    planned_.insert(action.target);
    diff_.actions.push_back(std::move(action));
  }

  bool BaseFits(const DesiredImage& image, const Base& base, const BuildInputs& inputs) {
    const auto has = PlatformsOf(image, base);
    if (!has.ok()) {
      Fail(image,
           fmt::format("the platforms of its base {} could not be read", image.base.ToString()),
           WhyText(image.base.ToString(), has.status()));
      return false;
    }
    if (!*has) return true;
    const std::string misfit =
        MisfitOfBase(inputs.dockerfile, image.base, Written(image).platforms, **has);
    if (!misfit.empty()) Fail(image, "its " + misfit);
    return misfit.empty();
  }

  // Absent where nobody has asked yet.
  absl::StatusOr<std::optional<std::vector<Platform>>> PlatformsOf(const DesiredImage& image,
                                                                   const Base& base) const {
    if (base.digest.empty() && image.base_image) {
      return config_.build->images[*image.base_image].platforms;
    }
    const auto asked = observed_.base_platforms.find({image.base.repository, image.base.tag});
    if (asked == observed_.base_platforms.end()) return std::nullopt;
    if (!asked->second.ok()) return asked->second.status();
    return *asked->second;
  }

  std::string PlaceholderOrAbsent(const DesiredImage& image) const {
    const Digest digest = observed_.DigestOf(image.image.repository, image.image.tag);
    return digest.empty() ? std::string(kAbsent) : digest.str();
  }

  // The base without the host that both share.
  static std::string ShortBase(const DesiredImage& image) {
    const bool same_host = image.base.repository.host == image.image.repository.host &&
                           image.base.repository.kind == Repository::Kind::kDistribution;
    return same_host ? fmt::format("{}:{}", image.base.repository.path, image.base.tag)
                     : image.base.ToString();
  }

  // For a cause of its own.
  void Fail(const DesiredImage& image, const std::string& message) {
    Fail(image, Problem(fmt::format("{}: {}", PlaceText(config_, Written(image).rule), message)));
  }

  // For a cause that others may have too; empty `what`: the cause says all.
  void Fail(const DesiredImage& image, const std::string& what, const std::string& cause) {
    const std::string place = PlaceText(config_, Written(image).rule);
    Fail(image, Problem(what.empty() ? place : fmt::format("{}: {}", place, what), cause,
                        {{Effect::kImageUnplanned, place}}));
  }

  void Fail(const DesiredImage& image, Problem problem) {
    diff_.unplanned.insert(image.image.repository);
    diff_.errors.push_back(std::move(problem));
    diff_.not_planned.push_back({ActionKind::kBuild, image.image.ToString(), diff_.errors.back()});
  }

  const Config& config_;
  const Desired& desired_;
  const Observed& observed_;
  const StageDiff& sync_;
  const std::vector<std::string>& rebuild_;
  EolData eol_;
  std::map<std::string, const Action*> copies_;
  std::map<std::size_t, const DesiredImage*> by_index_;
  std::set<std::size_t> visited_;
  std::set<std::string> planned_;
  StageDiff diff_;
};

}  // namespace

StageDiff DiffBuild(const Config& config, const Desired& desired, const Observed& observed,
                    const StageDiff& sync, const std::vector<std::string>& rebuild) {
  if (!config.build) return {};
  return BuildDiff(config, desired, observed, sync, rebuild).Run();
}

}  // namespace imglife
