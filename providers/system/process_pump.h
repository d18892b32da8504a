// Carries bytes between this process and the standard streams of a child.
//
// Thread safety: one thread at a time.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "providers/process.h"
#include "providers/system/file_descriptor.h"
#include "providers/system/output_tail.h"
#include "providers/system/spawn.h"

namespace imglife {

// Never waits for one stream alone, so that a child that fills its output before it reads its input
// doesn't stand still.
class ProcessPump {
 public:
  // `spec` must outlive the pump.
  static absl::StatusOr<ProcessPump> Create(const ProcessSpec& spec);

  ChildStreams child_streams() const;
  // For after the start: from then on only the child holds its ends.
  void CloseChildEnds();

  // By a clock that nobody sets.
  using Deadline = std::chrono::steady_clock::time_point;

  // Carries bytes until `notice` can be read, the output ends or the time is over, whichever is
  // first. Deadline::max() is never.
  absl::Status PumpUntil(int notice, Deadline deadline);

  // Has every process that could write closed its end?
  bool OutputEnded() const { return !out_.pipe.reader.open() && !err_.pipe.reader.open(); }

  // What lies in the pipes now. For after the child's end, when others may still hold the pipes and
  // may go on writing.
  void TakeWhatIsThere();

  std::string TakeOut() { return out_.text.Take(); }
  std::string TakeErr() { return err_.text.Take(); }

 private:
  struct Stream {
    Pipe pipe;
    OutputTail text;
  };

  explicit ProcessPump(const ProcessSpec& spec);
  void Feed();
  static void Take(Stream& stream, std::size_t most);

  Pipe in_;
  std::string_view input_;  // not yet written
  Stream out_;
  Stream err_;
};

}  // namespace imglife
