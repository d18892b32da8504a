#include "engine/observe/observe.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

#include "engine/observe/builder_needs.h"
#include "engine/observe/digest_checks.h"
#include "engine/observe/image_folder.h"
#include "engine/observe/listed_sources.h"
#include "engine/observe/managed_repositories.h"
#include "engine/observe/observe_files.h"
#include "engine/observe/observe_lists.h"
#include "engine/observe/observe_mirrors.h"
#include "engine/observe/observe_orphans.h"
#include "engine/observe/observe_referrers.h"
#include "engine/observe/os_names.h"
#include "engine/observe/parallel.h"
#include "engine/observe/tag_dates.h"
#include "engine/observe/tag_reader.h"

namespace imglife {
namespace {

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

// Two rounds: which tags there are, and then, as it is known by now which of them matter, what
// those name.
class Observer {
 public:
  Observer(const Config& config, const std::set<Stage>& stages, RegistryMemo& registry,
           const World& world)
      : config_(config), stages_(stages), registry_(registry), world_(world) {}

  Observation Run() {
    observed().servers = world_.servers;
    AskFirst();
    if (NeedsRegistries()) {
      std::set<Repository> dated = AskDates();
      desired() =
          ComputeDesired(config_, lists_, FindOsNames(config_, lists_, registry_), world_.servers);
      if (PlansRetention()) RefuseToAgeUndated(targets_, lists_, desired());
      AskImages(std::move(dated));
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
  Desired& desired() { return result_.desired; }

  // Everything that depends on nothing else: tag lists, EOL data, files.
  void AskFirst() {
    std::vector<Task> tasks;
    if (NeedsRegistries()) AddTagLists(tasks);
    if (Planned(Stage::kCleanup) || Planned(Stage::kStatus)) {
      tasks.emplace_back([this] { ObserveOrphans(config_, targets_, registry_, observed()); });
    }
    if (Planned(Stage::kEol)) AddEol(tasks);
    // A Dockerfile may name tags that retention must not take away.
    if (Planned(Stage::kBuild) || PlansRetention()) AddContexts(tasks);
    if (Planned(Stage::kBuild)) tasks.emplace_back([this] { AskBuilder(); });
    AddLocalFiles(config_, observed(), tasks);
    AddGit(config_, stages_, world_, observed(), tasks);
    RunAll(tasks);
    KeepTargetLists(targets_, lists_, observed());
  }

  void AddTagLists(std::vector<Task>& tasks) {
    targets_ = TargetRepositories(config_);
    std::set<Repository> repositories = targets_;
    for (const Repository& source : ListedSources(config_)) repositories.insert(source);
    AddLists(repositories, registry_, lists_, tasks);
  }

  void AddEol(std::vector<Task>& tasks) {
    for (const std::string& product : Products(config_)) {
      auto& slot = observed().eol.emplace(product, absl::UnknownError("not asked")).first->second;
      tasks.emplace_back([this, &slot, product] { slot = world_.eol_source->Fetch(product); });
    }
  }

  void AddContexts(std::vector<Task>& tasks) {
    if (!config_.build) return;
    for (std::size_t i = 0; i < config_.build->images.size(); ++i) {
      auto& slot = observed().contexts.emplace(i, absl::UnknownError("not asked")).first->second;
      tasks.emplace_back([this, &slot, i] { slot = ReadImageFolder(config_.build->images[i]); });
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

  // Dates cost more than names: they are asked only where they decide, be it what is selected or
  // what is old.
  std::set<Repository> AskDates() {
    std::set<Repository> repositories = SourcesToDate(config_, lists_);
    if (PlansRetention()) repositories.insert(targets_.begin(), targets_.end());
    return AddDates(repositories, registry_, lists_);
  }

  // The second round: images whose names are known now.
  void AskImages(std::set<Repository> dated) {
    TagReader reader(registry_, lists_, std::move(dated), observed());
    DigestChecks checks;
    if (Planned(Stage::kSync) || Planned(Stage::kBuild)) {
      AddMissingSources(config_, desired(), observed(), reader);
    }
    if (Planned(Stage::kSync)) {
      FetchReferredImages(config_, desired(), observed(), registry_);
      AddDigestChecks(config_, desired(), observed(), reader, checks);
    }
    if (Planned(Stage::kBuild) || Planned(Stage::kStatus)) AddBuilds(reader);
    if (PlansRetention()) {
      AddRetention(reader);
      ReadRecords();
    }
    ReadWithChecks(reader, checks);
    FilterIndexes(config_, desired(), registry_, observed());
    if (Planned(Stage::kSync)) {
      AskWhatWasWritten(config_, desired(), world_, observed());
      ObserveReferrers(config_, desired(), registry_, observed());
    }
  }

  void AddBuilds(TagReader& reader) {
    for (const DesiredImage& image : desired().images) {
      const ObservedRepository* there = observed().FindRepository(image.image.repository);
      if (there != nullptr && there->Has(image.image.tag)) {
        reader.AddImage({image.image.repository, image.image.tag, true});
      }
      const ObservedRepository* base = observed().FindRepository(image.base.repository);
      // A repository that this configuration doesn't manage is asked for this one tag only.
      if (base == nullptr || base->Has(image.base.tag)) {
        reader.AddDigest(image.base.repository, image.base.tag);
      }
    }
  }

  void AddRetention(TagReader& reader) {
    for (const Repository& repository : CleanupScope(config_, desired())) {
      const ObservedRepository* there = observed().FindRepository(repository);
      if (there == nullptr || !there->status.ok()) continue;
      for (const std::string& tag : there->tags) reader.AddImage({repository, tag, true});
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
  void ReadWithChecks(TagReader& reader, DigestChecks& checks) {
    for (const auto& [source, tag] : checks.AskedOneByOne(lists_)) reader.AddDigest(source, tag);
    RunAll({[&] { reader.Read(); }, [&] { checks.Describe(registry_); }});
    for (const DigestCheck& check : checks.described()) {
      const Digest digest = checks.ProvenDigest(check, observed());
      if (digest.empty()) {
        reader.AddDigest(check.source, check.source_tag);
      } else {
        reader.KeepDigest(check.source, check.source_tag, digest);
      }
    }
    reader.Read();
    if (!Planned(Stage::kSync)) return;
    AddDifferingMirrors(config_, desired(), observed(), reader);
    AddSourcesOfPlaceholders(config_, desired(), observed(), reader);
    reader.Read();
  }

  const Config& config_;
  const std::set<Stage>& stages_;
  RegistryMemo& registry_;
  const World& world_;
  Observation result_;
  std::set<Repository> targets_;
  Listings lists_;
};

}  // namespace

Observation Observe(const Config& config, const std::set<Stage>& stages, RegistryMemo& registry,
                    const World& world) {
  return Observer(config, stages, registry, world).Run();
}

}  // namespace imglife
