#include "nlohmann/json.hpp"

#include "engine/report/status_report.h"

namespace imglife {
namespace {

using Json = nlohmann::ordered_json;

Json AsJson(const StatusImage& image) {
  return {{"image", image.image},
          {"version", image.version},
          {"base", image.base},
          {"base_digest", image.base_digest},
          {"digest", image.digest},
          {"built", image.built},
          {"cycle", image.cycle},
          {"eol_date", image.eol_date},
          {"eol_status", std::string(EolStateName(image.eol))}};
}

Json AsJson(const StatusMirror& mirror) {
  return {{"source", mirror.source},
          {"target", mirror.target},
          {"tags", mirror.tags},
          {"newest_upstream", mirror.newest_upstream},
          {"cycle", mirror.cycle},
          {"eol_date", mirror.eol_date},
          {"eol_status", std::string(EolStateName(mirror.eol))}};
}

}  // namespace

std::string StatusAsJson(const StatusReport& report) {
  Json document = {{"title", report.title},
                   {"warn_days", report.warn_days},
                   {"critical_days", report.critical_days},
                   {"images", Json::array()},
                   {"mirrors", Json::array()},
                   {"deletions", Json::array()},
                   {"orphans", Json::array()},
                   {"unreadable", report.unreadable}};
  for (const StatusImage& image : report.images) document["images"].push_back(AsJson(image));
  for (const StatusMirror& mirror : report.mirrors) document["mirrors"].push_back(AsJson(mirror));
  for (const StatusDeletion& deletion : report.deletions) {
    document["deletions"].push_back(
        {{"reference", deletion.reference}, {"reason", deletion.reason}});
  }
  for (const StatusOrphan& orphan : report.orphans) {
    document["orphans"].push_back({{"repository", orphan.repository}, {"tags", orphan.tags}});
  }
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace imglife
