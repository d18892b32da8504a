#include "engine/report/gitlab_report.h"

#include "fmt/format.h"

namespace imglife {

std::string GitLabReport(const PlanSummary& summary) {
  return fmt::format("{{\"create\":{},\"update\":{},\"delete\":{},\"blocked\":{}}}\n", summary.add,
                     summary.change, summary.destroy, summary.blocked);
}

}  // namespace imglife
