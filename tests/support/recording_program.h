// Programs that stand in for docker, buildctl and the like: they do nothing but write down how they
// were called.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace imglife {

struct RecordedCall {
  std::vector<std::string> argv;  // argv[0] is the name that it was called by
  std::map<std::string, std::string> environment;
  std::string input;
  // What the files held that an argument names (the whole of it, or after its first '='), directly
  // or in a directory, and those in $DOCKER_CONFIG; by path.
  std::map<std::string, std::string> files;
  // Their permission bits, by path: 0600.
  std::map<std::string, int> modes;

  // The arguments after the name, separated by spaces.
  std::string Line() const;
  bool Has(const std::string& argument) const;
  // The argument after the first that equals `option`, or empty.
  std::string After(const std::string& option) const;
};

// While it lives, its directory is the first in this process's PATH. Not for tests that change PATH
// from several threads. Throws std::runtime_error (which fails the test) if it can't be set up.
class RecordingPrograms {
 public:
  explicit RecordingPrograms(const std::vector<std::string>& names);
  ~RecordingPrograms();
  RecordingPrograms(const RecordingPrograms&) = delete;
  RecordingPrograms& operator=(const RecordingPrograms&) = delete;

  // Calls of `name` whose Line contains `words` answer so; the rule added last wins. Without a rule
  // a call succeeds and says nothing.
  void Answer(const std::string& name, const std::string& words, int exit_code,
              const std::string& out = "", const std::string& err = "");

  // In the order they began.
  std::vector<RecordedCall> Calls() const;
  // "NAME LINE" of each.
  std::vector<std::string> Lines() const;

 private:
  std::string directory_;
  std::string old_path_;
};

}  // namespace imglife
