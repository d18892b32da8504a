// The two streams that people read: results on stdout, everything else on stderr.
//
// Thread safety: any number of threads may call.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "engine/cli/options.h"
#include "schema/config/read_config.h"
#include "schema/text/diagnostics.h"

namespace imglife {

// A line of stderr with --log-format json, without its newline.
std::string LogLineAsJson(LogLevel level, std::string_view message);

inline constexpr std::string_view kPrintFailed = "standard output could not be written completely";

class Console {
 public:
  Console(const CommonOptions& options, const Environment& environment);

  // A result. Written whole.
  void Print(std::string_view text);
  // Did a Print fail (a full disk, a closed pipe)?
  bool print_failed() const { return print_failed_; }
  // A line on stderr, if its level is shown; as {"level":…,"message":…} with --log-format json.
  void Log(LogLevel level, std::string_view message);
  void Error(std::string_view message) { Log(LogLevel::kError, message); }
  // Findings about a text that people wrote, in the same form: as they are rendered, or an object
  // of JSON for each.
  void Report(const std::string& file, const std::string& source, const Findings& findings);
  // Progress and notes: nothing with --quiet.
  void Note(std::string_view message);
  // Replaces the live line at the bottom of a terminal; empty: removes it. Nothing elsewhere.
  void Live(std::string_view line);

  bool color() const { return color_; }
  bool interactive() const { return interactive_; }
  bool live() const { return live_; }

 private:
  void Write(std::string_view line);

  const CommonOptions options_;
  bool color_ = false;
  bool interactive_ = false;  // a person can be asked
  bool live_ = false;         // stderr is a terminal that can be drawn on
  bool live_line_ = false;
  std::atomic<bool> print_failed_{false};
  std::mutex mutex_;
};

}  // namespace imglife
