#include "engine/cli/write_outputs.h"

#include "engine/plan/plan_file.h"
#include "engine/report/gitlab_report.h"
#include "engine/report/plan_markdown.h"
#include "engine/report/plan_text.h"
#include "providers/files.h"

namespace imglife {

absl::Status WriteOutputs(const SavedPlan& plan, const Session& session) {
  const PlanOutputs& outputs = session.options.outputs;
  session.console.Print(outputs.json ? WritePlan(plan) : PlanAsText(plan, session.console.color()));
  absl::Status status;
  if (!outputs.markdown.empty()) {
    status.Update(
        WriteFileAtomically(outputs.markdown, PlanAsMarkdown(plan, outputs.markdown_limit)));
  }
  if (!outputs.gitlab_report.empty() && plan.errors.empty()) {
    status.Update(WriteFileAtomically(outputs.gitlab_report, GitLabReport(Summarize(plan))));
  }
  return status;
}

}  // namespace imglife
