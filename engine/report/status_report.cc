#include "engine/report/status_report.h"

#include <algorithm>
#include <set>
#include <utility>

#include "fmt/format.h"

#include "engine/order/tag_order.h"

namespace imglife {
namespace {

constexpr std::string_view kBegin = "<!-- imglife:status:begin -->";
constexpr std::string_view kEnd = "<!-- imglife:status:end -->";

class ReportMaker {
 public:
  ReportMaker(const Config& config, const Desired& desired, const Observed& observed,
              absl::Time policy_now)
      : config_(config),
        desired_(desired),
        observed_(observed),
        today_(absl::ToCivilDay(policy_now, absl::UTCTimeZone())) {
    report_.title = config.status.title.empty() ? "Image status" : config.status.title;
    report_.client_zone = config.status.client_zone;
    report_.warn_days = config.lifecycle.warn_days;
    report_.critical_days = config.lifecycle.critical_days;
  }

  StatusReport Run(const std::vector<Action>& deletions) {
    for (const DesiredImage& image : desired_.images) AddImage(image);
    if (config_.sync) {
      for (std::size_t i = 0; i < config_.sync->entries.size(); ++i) AddMirror(i);
    }
    for (const Action& action : deletions) {
      if (action.kind != ActionKind::kDelete) continue;
      report_.deletions.push_back({action.target, action.removal.lasting_reason});
    }
    for (const Orphan& orphan : observed_.orphans) {
      report_.orphans.push_back({orphan.repository.ToString(), orphan.tags.value_or(0)});
    }
    for (const std::string& product : products_) {
      const auto cycles = observed_.eol_file.products.find(product);
      if (cycles != observed_.eol_file.products.end()) {
        report_.products.push_back({product, cycles->second});
      }
    }
    report_.unreadable = TellProblems(desired_.errors).lines;
    if (!observed_.eol_file_status.ok()) {
      report_.unreadable.push_back(std::string(observed_.eol_file_status.message()));
    }
    return std::move(report_);
  }

 private:
  // The cycle of a tag by the file's data, or null.
  const EolCycle* Cycle(const std::optional<LifecycleRef>& lifecycle, const std::string& tag) {
    if (!lifecycle) return nullptr;
    products_.insert(lifecycle->product);
    const auto cycles = observed_.eol_file.products.find(lifecycle->product);
    if (cycles == observed_.eol_file.products.end()) return nullptr;
    return CycleOfTag(tag, *lifecycle, cycles->second);
  }

  EolState State(const EolCycle* cycle) const {
    return EolStateOn(today_, cycle, report_.warn_days, report_.critical_days);
  }

  void AddImage(const DesiredImage& image) {
    const BuildImage& written = config_.build->images[image.index];
    if (written.type == ImageType::kSpeDev) return;
    const EolCycle* cycle = Cycle(written.lifecycle, TagWithCycle(written, image));
    StatusImage row;
    row.image = image.image.ToString();
    row.version = image.version;
    row.base = image.base.ToString();
    row.cycle = cycle == nullptr ? "" : cycle->cycle;
    row.eol_date = EolDateText(cycle);
    row.eol = State(cycle);
    if (cycle != nullptr) {
      row.supported_from = cycle->release_date;
      if (cycle->eol) row.supported_until = cycle->eol->date;
    }
    const ObservedImage* built = observed_.FindImage(image.image.repository, image.image.tag);
    if (built != nullptr) {
      row.built = true;
      row.digest = built->digest.str();
      row.base_digest = built->Label(std::string(annotation::kBaseDigest));
    }
    report_.images.push_back(std::move(row));
  }

  void AddMirror(std::size_t index) {
    const SyncEntry& entry = config_.sync->entries[index];
    StatusMirror row;
    row.source = entry.source.ToString();
    row.target = entry.target.ToString();
    std::vector<ListedTag> tags;
    const auto wanted = desired_.mirrors.find(entry.target);
    if (wanted != desired_.mirrors.end()) {
      for (const auto& [tag, selected] : wanted->second) {
        const std::vector<std::size_t>& by = selected.entries;
        if (std::binary_search(by.begin(), by.end(), index)) tags.push_back({tag, std::nullopt});
      }
    }
    row.tags = SortNewestFirst(tags);
    if (!row.tags.empty()) {
      row.newest_upstream = row.tags.front();
      const EolCycle* cycle = Cycle(entry.lifecycle, row.newest_upstream);
      row.cycle = cycle == nullptr ? "" : cycle->cycle;
      row.eol_date = EolDateText(cycle);
      row.eol = State(cycle);
    }
    report_.mirrors.push_back(std::move(row));
  }

  const Config& config_;
  const Desired& desired_;
  const Observed& observed_;
  const absl::CivilDay today_;
  StatusReport report_;
  std::set<std::string> products_;
};

}  // namespace

StatusReport MakeStatusReport(const Config& config, const Desired& desired,
                              const Observed& observed, absl::Time policy_now,
                              const std::vector<Action>& deletions) {
  return ReportMaker(config, desired, observed, policy_now).Run(deletions);
}

absl::Status CheckMarks(std::string_view existing) {
  const std::size_t begin = existing.find(kBegin);
  const std::size_t end = existing.find(kEnd);
  if (begin == end || (begin < end && end != std::string_view::npos)) return absl::OkStatus();
  if (begin != std::string_view::npos && end != std::string_view::npos) {
    return absl::FailedPreconditionError(
        fmt::format("{} is before {}; put them in order, or take both out", kEnd, kBegin));
  }
  const bool has_begin = begin != std::string_view::npos;
  return absl::FailedPreconditionError(
      fmt::format("it has {} without {}, and would be replaced as a whole; add that mark, or take "
                  "the other one out",
                  has_begin ? kBegin : kEnd, has_begin ? kEnd : kBegin));
}

std::string PlaceBetweenMarks(std::string_view existing, const std::string& report) {
  const std::string block = fmt::format("{}\n{}{}", kBegin, report, kEnd);
  const std::size_t begin = existing.find(kBegin);
  const std::size_t end = begin == std::string_view::npos ? begin : existing.find(kEnd, begin);
  if (end == std::string_view::npos) return block + "\n";
  return std::string(existing.substr(0, begin)) + block +
         std::string(existing.substr(end + kEnd.size()));
}

}  // namespace imglife
