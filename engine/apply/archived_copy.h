// The copy in the archive that a deletion relies on.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/status.h"

#include "engine/apply/executor.h"

namespace imglife {

// Of a deletion whose tag isn't archived nothing is asked, and all is well.
class ArchivedCopy {
 public:
  // Both outlive it.
  ArchivedCopy(const Action& deletion, const ExecutionContext& context);

  // A result if the copy isn't there now: then the tag must stay.
  std::optional<ActionResult> WhyNotThere() const;
  // A result if the archive is the repository itself, under another name: what archives note of
  // their images is among `referrers` of the image then, and the deletion would take the copy.
  std::optional<ActionResult> WhyNotElsewhere(const std::vector<Descriptor>& referrers) const;
  // A result if the archive lacks a part of the image, or something that refers to it, both as they
  // are now: it was attached after the image was archived, or has gone from the archive. Also if
  // the copy there would soon expire.
  std::optional<ActionResult> WhyNotWhole() const;
  // After the deletion: DataLoss if the copy went with it.
  absl::Status CheckItSurvived() const;

 private:
  std::optional<ActionResult> WhyTooOld() const;
  bool IsNeeded() const { return !archived_.tag.empty(); }
  bool WouldBeMade() const;

  const Action& deletion_;
  const ExecutionContext& context_;
  const Reference& archived_;
};

}  // namespace imglife
