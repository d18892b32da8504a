#include "engine/observe/observe.h"

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <utility>

#include "fmt/format.h"

#include "engine/observe/builder_needs.h"
#include "engine/observe/digest_checks.h"
#include "engine/observe/observe_orphans.h"
#include "engine/observe/observe_referrers.h"
#include "engine/observe/os_names.h"
#include "engine/observe/parallel.h"
#include "engine/observe/read_images.h"
#include "engine/observe/read_uses.h"
#include "engine/observe/tag_dates.h"
#include "providers/files.h"
#include "schema/image/media_type.h"

namespace imglife {
namespace {

using Task = std::function<void()>;

void RunAll(const std::vector<Task>& tasks) {
  ParallelFor(tasks.size(), kQuestionsInFlight, [&](std::size_t i) { tasks[i](); });
}

// Products that lifecycle blocks name.
std::set<std::string> Products(const Config& config) {
  std::set<std::string> products;
  if (config.sync) {
    for (const SyncEntry& entry : config.sync->entries) {
      if (entry.lifecycle) products.insert(entry.lifecycle->product);
    }
  }
  if (config.build) {
    for (const BuildImage& image : config.build->images) {
      if (image.lifecycle) products.insert(image.lifecycle->product);
    }
  }
  return products;
}

class Observer {
 public:
  Observer(const Config& config, const std::set<Stage>& stages, RegistryMemo& registry,
           const World& world)
      : config_(config), stages_(stages), registry_(registry), world_(world) {}

  Observation Run() {
    AskFirst();
    if (NeedsRegistries()) {
      AskDates();
      result_.desired = ComputeDesired(config_, lists_, FindOsNames(config_, lists_, registry_));
      RefuseToAgeUndated();
      AskImages();
    }
    return std::move(result_);
  }

 private:
  bool Planned(Stage stage) const { return stages_.count(stage) > 0; }
  bool PlansRetention() const {
    return config_.retention && (Planned(Stage::kCleanup) || Planned(Stage::kStatus));
  }
  // Every stage but eol follows from what upstream has.
  bool NeedsRegistries() const { return stages_ != std::set<Stage>{Stage::kEol}; }
  Observed& observed() { return result_.observed; }

  // Everything that depends on nothing else: tag lists, EOL data, files.
  void AskFirst() {
    std::vector<Task> tasks;
    if (NeedsRegistries()) AddLists(tasks);
    if (Planned(Stage::kCleanup) || Planned(Stage::kStatus)) {
      tasks.push_back([this] { ObserveOrphans(config_, targets_, registry_, observed()); });
    }
    if (Planned(Stage::kEol)) AddEol(tasks);
    // A Dockerfile may name tags that retention must not take away.
    if (Planned(Stage::kBuild) || PlansRetention()) AddContexts(tasks);
    if (Planned(Stage::kBuild)) tasks.push_back([this] { AskBuilder(); });
    tasks.push_back([this] { ReadLocalFiles(); });
    AddGit(tasks);
    RunAll(tasks);
    KeepTargetLists();
  }

  void AddLists(std::vector<Task>& tasks) {
    std::set<Repository> repositories;
    for (const Repository& source : ListedSources(config_)) repositories.insert(source);
    if (config_.sync) {
      for (const SyncEntry& entry : config_.sync->entries) targets_.insert(entry.target);
    }
    if (config_.build) {
      for (const BuildImage& image : config_.build->images) {
        targets_.insert(ImageRepository(*config_.build, image));
      }
    }
    repositories.insert(targets_.begin(), targets_.end());
    for (const Repository& repository : repositories) {
      auto& slot = lists_.emplace(repository, absl::UnknownError("not asked")).first->second;
      tasks.push_back([this, &slot, repository] { slot = registry_.ListTags(repository); });
    }
  }

  void AddEol(std::vector<Task>& tasks) {
    for (const std::string& product : Products(config_)) {
      auto& slot = observed().eol.emplace(product, absl::UnknownError("not asked")).first->second;
      tasks.push_back([this, &slot, product] { slot = world_.eol_source->Fetch(product); });
    }
  }

  void AddContexts(std::vector<Task>& tasks) {
    if (!config_.build) return;
    for (std::size_t i = 0; i < config_.build->images.size(); ++i) {
      auto& slot = observed().contexts.emplace(i, absl::UnknownError("not asked")).first->second;
      tasks.push_back([this, &slot, i] { slot = ReadImageFolder(config_.build->images[i]); });
    }
  }

  // Only what some builders can't do is looked for before it is needed.
  void AskBuilder() {
    if (!config_.build) return;
    for (std::size_t i = 0; i < config_.build->images.size(); ++i) {
      const BuilderNeeds needs = NeedsOf(*config_.build, config_.build->images[i]);
      if (needs.AreSpecial()) observed().builders[i] = world_.builder(needs).status();
    }
  }

  void ReadLocalFiles() {
    ReadEolFile();
    if (!config_.status.output.empty()) {
      ReadOptional(config_.status.output, observed().status_file_content,
                   observed().status_file_status);
    }
  }

  // Each question to git is a process, which takes longer than a registry nearby needs for its
  // answer.
  void AddGit(std::vector<Task>& tasks) {
    tasks.push_back(
        [this] { observed().git_commit = world_.git->HeadCommit(config_.directory).value_or(""); });
    if (Planned(Stage::kEol)) tasks.push_back([this] { AskGitOfEolFile(); });
    if (Planned(Stage::kStatus) && config_.status.git.commit && !config_.status.output.empty()) {
      tasks.push_back([this] {
        const std::string& path = config_.status.output;
        if (!world_.git->InWorkTree(path)) return;
        observed().status_file_uncommitted = world_.git->FileDiffersFromHead(path);
      });
    }
  }

  void AskGitOfEolFile() {
    const std::string& path = config_.lifecycle.eol_data_file;
    observed().in_work_tree = world_.git->InWorkTree(path);
    if (!observed().in_work_tree || !config_.lifecycle.git.commit) return;
    observed().eol_file_uncommitted = world_.git->FileDiffersFromHead(path);
  }

  static void ReadOptional(const std::string& path, std::optional<std::string>& content,
                           absl::Status& status) {
    auto read = ReadFile(path);
    if (read.ok()) {
      content = *std::move(read);
    } else if (!absl::IsNotFound(read.status())) {
      status = read.status();
    }
  }

  void ReadEolFile() {
    const std::string& path = config_.lifecycle.eol_data_file;
    ReadOptional(path, observed().eol_file_content, observed().eol_file_status);
    if (!observed().eol_file_content) return;
    Findings findings;
    auto data = ReadEolData(config_.lifecycle.eol_data_file_as_written,
                            *observed().eol_file_content, findings);
    if (data) {
      observed().eol_file = *std::move(data);
      return;
    }
    const std::string text = RenderFinding(config_.lifecycle.eol_data_file_as_written,
                                           *observed().eol_file_content, findings.Sorted().front());
    observed().eol_file_status = absl::InvalidArgumentError(text.substr(0, text.find('\n')));
  }

  void KeepTargetLists() {
    for (const Repository& target : targets_) {
      ObservedRepository& kept = observed().repositories[target];
      const auto& list = lists_.at(target);
      kept.listed = true;
      kept.status = list.status();
      if (!list.ok()) continue;
      kept.exists = list->repository_exists;
      kept.tags = list->tags;
      kept.warnings = list->warnings;
    }
  }

  // Dates cost more than names: they are asked only where they decide, be it what is selected or
  // what is old.
  void AskDates() {
    std::set<Repository> repositories = SourcesToDate(config_, lists_);
    if (PlansRetention()) repositories.insert(targets_.begin(), targets_.end());
    AddDates(repositories, registry_, lists_);
    for (const Repository& repository : repositories) {
      const auto list = lists_.find(repository);
      if (list != lists_.end() && list->second.ok() && list->second->dates.ok()) {
        dated_.insert(repository);
      }
    }
  }

  // Where a registry has push times but can't be read, nothing is old.
  void RefuseToAgeUndated() {
    if (!PlansRetention()) return;
    for (const Repository& target : targets_) {
      const auto list = lists_.find(target);
      if (list == lists_.end() || !list->second.ok() || list->second->dates.ok()) continue;
      if (absl::IsUnimplemented(list->second->dates)) continue;
      result_.desired.errors.push_back(
          fmt::format("nothing is deleted in {}: when its tags were pushed can't be read: {}",
                      target.ToString(), std::string(list->second->dates.message())));
      result_.desired.incomplete.push_back(target);
    }
    std::sort(result_.desired.errors.begin(), result_.desired.errors.end());
    std::sort(result_.desired.incomplete.begin(), result_.desired.incomplete.end());
  }

  // The second round: images whose names are known now.
  void AskImages() {
    if (Planned(Stage::kSync) || Planned(Stage::kBuild)) AddMissingSources();
    if (Planned(Stage::kSync)) {
      FetchReferredImages(config_, result_.desired, observed(), registry_);
      AddDigestChecks();
    }
    if (Planned(Stage::kBuild) || Planned(Stage::kStatus)) AddBuilds();
    if (PlansRetention()) {
      AddRetention();
      ReadRecords();
    }
    ReadWithChecks();
    AskForWantedPlaceholders();
    FilterIndexes();
    AskWhatWasWritten();
    if (Planned(Stage::kSync)) ObserveReferrers(config_, result_.desired, registry_, observed());
  }

  void AddMissingSources() {
    for (const auto& [target, tags] : result_.desired.mirrors) {
      const ObservedRepository& there = observed().repositories[target];
      if (!there.status.ok()) continue;
      for (const auto& [tag, wanted] : tags) {
        if (there.Has(tag)) continue;
        AddSource(wanted);
      }
    }
  }

  // A tag that turned out to be a placeholder is copied as one that is absent.
  void AskForWantedPlaceholders() {
    if (!Planned(Stage::kSync)) return;
    images_.clear();
    digests_.clear();
    for (const auto& [target, tags] : result_.desired.mirrors) {
      for (const auto& [tag, wanted] : tags) {
        if (observed().IsPlaceholder(target, tag)) AddSource(wanted);
      }
    }
    if (!images_.empty()) Read();
  }

  void AddSource(const DesiredTag& wanted) {
    const SyncEntry& entry = config_.sync->entries[wanted.entry];
    images_.insert({entry.source, wanted.source_tag, false});
  }

  void AddDigestChecks() {
    for (const auto& [target, tags] : result_.desired.mirrors) {
      const ObservedRepository& there = observed().repositories[target];
      for (const auto& [tag, wanted] : tags) {
        const SyncEntry& entry = config_.sync->entries[wanted.entry];
        if (!there.status.ok() || !there.Has(tag)) continue;
        if (!wanted.check_digest && !wanted.referrers) continue;
        if (wanted.check_digest) {
          checks_.Add({target, tag, entry.source, wanted.source_tag, &entry.platforms});
        }
        if (entry.platforms.empty()) {
          digests_.insert({target, tag});
        } else {
          tops_.insert({target, tag});
        }
      }
    }
  }

  void AddBuilds() {
    for (const DesiredImage& image : result_.desired.images) {
      const ObservedRepository* there = observed().FindRepository(image.image.repository);
      if (there != nullptr && there->Has(image.image.tag)) {
        images_.insert({image.image.repository, image.image.tag, true});
      }
      const ObservedRepository* base = observed().FindRepository(image.base.repository);
      // A repository that this configuration doesn't manage is asked for this one tag only.
      if (base == nullptr || base->Has(image.base.tag)) {
        digests_.insert({image.base.repository, image.base.tag});
      }
    }
  }

  void AddRetention() {
    for (const Repository& repository : CleanupScope(config_, result_.desired)) {
      const ObservedRepository* there = observed().FindRepository(repository);
      if (there == nullptr || !there->status.ok()) continue;
      for (const std::string& tag : there->tags) images_.insert({repository, tag, true});
    }
  }

  // Nothing is not the same as unknown: a store that isn't read blocks what its records would
  // protect.
  void ReadRecords() {
    if (!config_.package_registry) return;
    observed().records_status = absl::UnimplementedError(
        "this version does not read build records; leave out `registry` if there are none, or use "
        "--force");
  }

  // What descriptions of many tags prove needs no question for each of them.
  void ReadWithChecks() {
    digests_.merge(checks_.AskedOneByOne(lists_));
    RunAll({[this] { Read(); }, [this] { checks_.Describe(registry_); }});
    tops_.clear();
    images_.clear();
    digests_.clear();
    for (const DigestCheck& check : checks_.described()) {
      const Digest digest = checks_.ProvenDigest(check, observed());
      if (digest.empty()) {
        digests_.insert({check.source, check.source_tag});
      } else {
        KeepDigest(check.source, check.source_tag, absl::OkStatus(), digest);
      }
    }
    if (!digests_.empty()) Read();
  }

  void Read() {
    // A question that is asked with configs answers the one without; an image answers its digest.
    for (auto at = images_.begin(); at != images_.end();) {
      const ImageQuestion full{at->repository, at->tag_or_digest, true};
      at = !at->with_configs && images_.count(full) > 0 ? images_.erase(at) : std::next(at);
    }
    for (const ImageQuestion& image : images_)
      digests_.erase({image.repository, image.tag_or_digest});
    for (const auto& top : tops_) digests_.erase(top);
    const std::vector<ImageQuestion> questions(images_.begin(), images_.end());
    const std::vector<std::pair<Repository, std::string>> names(digests_.begin(), digests_.end());
    std::vector<absl::StatusOr<Resolved>> resolved(names.size(), absl::UnknownError("not asked"));
    const std::vector<std::pair<Repository, std::string>> top_names(tops_.begin(), tops_.end());
    std::vector<absl::StatusOr<ManifestBytes>> tops(top_names.size(),
                                                    absl::UnknownError("not asked"));
    std::vector<absl::StatusOr<ObservedImage>> images;
    RunAll({[&] { images = ReadImages(registry_, questions); },
            [&] {
              ParallelFor(top_names.size(), kQuestionsInFlight, [&](std::size_t i) {
                tops[i] = registry_.GetManifest(top_names[i].first, top_names[i].second);
              });
            },
            [&] {
              ParallelFor(names.size(), kQuestionsInFlight, [&](std::size_t i) {
                resolved[i] = registry_.Resolve(names[i].first, names[i].second);
              });
            }});
    for (std::size_t i = 0; i < top_names.size(); ++i) {
      KeepTop(top_names[i].first, top_names[i].second, tops[i]);
    }
    // After what was read without its parts: an image that is not complete is not readable.
    for (std::size_t i = 0; i < questions.size(); ++i) Keep(questions[i], std::move(images[i]));
    for (std::size_t i = 0; i < names.size(); ++i) {
      KeepDigest(names[i].first, names[i].second, resolved[i].status(),
                 resolved[i].ok() ? resolved[i]->digest : Digest());
    }
  }

  void KeepTop(const Repository& repository, const std::string& tag,
               const absl::StatusOr<ManifestBytes>& bytes) {
    if (!bytes.ok()) return KeepDigest(repository, tag, bytes.status(), {});
    auto manifest = ParseManifest(bytes->media_type, bytes->content);
    KeepDigest(repository, tag, manifest.status(), bytes->digest);
    if (!manifest.ok()) return;
    observed().mirrored.insert_or_assign({repository, bytes->digest}, *std::move(manifest));
  }

  void Keep(const ImageQuestion& question, absl::StatusOr<ObservedImage> image) {
    KeepDigest(question.repository, question.tag_or_digest, image.status(),
               image.ok() ? image->digest : Digest());
    if (!image.ok()) return;
    // The ages are push times: a tag whose push isn't known has none, however old its image is.
    if (dated_.count(question.repository) > 0) image->created.reset();
    const ImageKey key{question.repository, image->digest};
    const auto at = observed().images.find(key);
    // The reading with configs knows more.
    if (at == observed().images.end()) {
      observed().images.emplace(key, std::move(image));
    } else if (question.with_configs) {
      at->second = std::move(image);
    }
  }

  void KeepDigest(const Repository& repository, const std::string& tag, const absl::Status& status,
                  const Digest& digest) {
    auto& resolved = observed().repositories[repository].resolved;
    if (!status.ok()) {
      resolved.insert_or_assign(tag, status);
      return;
    }
    ObservedTag found{.digest = digest, .pushed = std::nullopt};
    const auto list = lists_.find(repository);
    if (list != lists_.end() && list->second.ok()) {
      const auto pushed = list->second->pushed.find(tag);
      if (pushed != list->second->pushed.end()) found.pushed = pushed->second;
    }
    resolved.insert_or_assign(tag, found);
  }

  // The digests that mirrors with `platforms` will have.
  void FilterIndexes() {
    for (const auto& [target, tags] : result_.desired.mirrors) {
      for (const auto& [tag, wanted] : tags) {
        const SyncEntry& entry = config_.sync->entries[wanted.entry];
        const Digest source = observed().DigestOf(entry.source, wanted.source_tag);
        if (entry.platforms.empty() || source.empty()) continue;
        const auto key = std::make_pair(wanted.entry, source);
        const bool as_wanted = observed().IsMadeFrom(target, tag, source, entry.platforms);
        if (observed().filtered.count(key) > 0 || as_wanted) continue;
        observed().filtered.emplace(key, Filter(entry, source));
      }
    }
  }

  // Where a mirror differs from upstream: was it somebody else who changed it?
  void AskWhatWasWritten() {
    if (!Planned(Stage::kSync) || !world_.last_written || !AnyMirrorDiffers()) return;
    observed().last_written = world_.last_written();
  }

  bool AnyMirrorDiffers() const {
    const Observed& seen = result_.observed;
    for (const auto& [target, tags] : result_.desired.mirrors) {
      for (const auto& [tag, wanted] : tags) {
        const SyncEntry& entry = config_.sync->entries[wanted.entry];
        const Digest source = seen.DigestOf(entry.source, wanted.source_tag);
        const bool compared =
            wanted.check_digest && !source.empty() && !seen.DigestOf(target, tag).empty();
        if (compared && !seen.IsMadeFrom(target, tag, source, entry.platforms)) return true;
      }
    }
    return false;
  }

  absl::StatusOr<Digest> Filter(const SyncEntry& entry, const Digest& source) {
    const auto manifest = registry_.GetManifest(entry.source, source.str());
    if (!manifest.ok()) return manifest.status();
    if (!media_type::IsIndex(manifest->media_type)) return source;
    const auto filtered = FilterIndex(*manifest, entry.platforms);
    if (!filtered.ok()) return filtered.status();
    return filtered->digest;
  }

  const Config& config_;
  const std::set<Stage>& stages_;
  RegistryMemo& registry_;
  const World& world_;
  Observation result_;
  std::set<Repository> targets_;
  std::map<Repository, absl::StatusOr<TagList>> lists_;
  // Whose registries told when tags were pushed.
  std::set<Repository> dated_;
  std::set<ImageQuestion> images_;
  std::set<std::pair<Repository, std::string>> digests_;
  // Of which only what the tag itself names is read.
  std::set<std::pair<Repository, std::string>> tops_;
  DigestChecks checks_;
};

}  // namespace

Observation Observe(const Config& config, const std::set<Stage>& stages, RegistryMemo& registry,
                    const World& world) {
  return Observer(config, stages, registry, world).Run();
}

std::vector<Repository> CleanupScope(const Config& config, const Desired& desired) {
  std::set<Repository> scope;
  if (config.sync) {
    for (const SyncEntry& entry : config.sync->entries) scope.insert(entry.target);
  }
  for (const DesiredImage& image : desired.images) scope.insert(image.image.repository);
  return {scope.begin(), scope.end()};
}

absl::StatusOr<ObservedContext> ReadImageFolder(const BuildImage& image) {
  const auto text = ReadFile(fmt::format("{}/{}", image.folder, image.tmpl));
  if (!text.ok()) return text.status();
  auto files = ReadContext(image.folder);
  if (!files.ok()) return files.status();
  return ObservedContext{.dockerfile_template = *text, .files = *std::move(files)};
}

namespace {

// Who uses what there. Most of it was read with the images: parts of parts and subjects weren't.
absl::StatusOr<RepositoryUse> UsesOf(const Repository& repository, const Observed& observed,
                                     RegistryMemo& registry) {
  RepositoryUse use;
  std::vector<Digest> named;
  const auto there = observed.repositories.find(repository);
  if (there == observed.repositories.end()) return absl::InternalError("it was not asked");
  for (const std::string& tag : there->second.tags) {
    if (there->second.resolved.count(tag) == 0) return absl::InternalError(tag + " was not asked");
  }
  for (const auto& [tag, found] : there->second.resolved) {
    if (absl::IsNotFound(found.status())) continue;
    if (!found.ok()) return found.status();
    use.SetTag(tag, found->digest);
    named.push_back(found->digest);
  }
  const absl::Status read = ReadLinked(registry, repository, std::move(named), use);
  if (!read.ok()) return read;
  return use;
}

}  // namespace

void ObserveDeletions(const std::map<Repository, std::vector<std::string>>& candidates,
                      RegistryMemo& registry, Observed& observed) {
  std::vector<Repository> repositories;
  repositories.reserve(candidates.size());
  for (const auto& [repository, tags] : candidates) repositories.push_back(repository);
  std::vector<absl::StatusOr<Capabilities>> capabilities(repositories.size(),
                                                         absl::UnknownError("not asked"));
  ParallelFor(repositories.size(), kQuestionsInFlight,
              [&](std::size_t i) { capabilities[i] = registry.Probe(repositories[i]); });
  std::vector<ImageKey> subjects;
  for (std::size_t i = 0; i < repositories.size(); ++i) {
    const Repository& repository = repositories[i];
    for (const std::string& tag : candidates.at(repository)) {
      const Digest digest = observed.DigestOf(repository, tag);
      if (!digest.empty()) subjects.emplace_back(repository, digest);
    }
    observed.capabilities.insert_or_assign(repository, std::move(capabilities[i]));
    observed.uses.insert_or_assign(repository, UsesOf(repository, observed, registry));
  }
  std::sort(subjects.begin(), subjects.end());
  subjects.erase(std::unique(subjects.begin(), subjects.end()), subjects.end());
  std::vector<absl::StatusOr<std::vector<Descriptor>>> referrers(subjects.size(),
                                                                 absl::UnknownError("not asked"));
  ParallelFor(subjects.size(), kQuestionsInFlight, [&](std::size_t i) {
    referrers[i] = registry.ListReferrers(subjects[i].first, subjects[i].second);
  });
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    observed.referrers.insert_or_assign(subjects[i], std::move(referrers[i]));
  }
}

}  // namespace imglife
