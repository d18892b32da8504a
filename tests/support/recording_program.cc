#include "tests/support/recording_program.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>

#include "nlohmann/json.hpp"

namespace imglife {
namespace {

namespace fs = std::filesystem;

// Calls go to calls/NUMBER.json; NUMBER is taken by making the file, so that calls that run side by
// side don't share one.
constexpr char kProgram[] = R"python(#!/usr/bin/python3
import json, os, pathlib, stat, sys

home = pathlib.Path(__file__).resolve().parent
name, arguments = pathlib.Path(sys.argv[0]).name, sys.argv[1:]
files, modes = {}, {}

def keep(path):
    if path.is_file() and path.stat().st_size < 1 << 20:
        files[str(path)] = path.read_text(encoding="utf-8", errors="replace")
        modes[str(path)] = stat.S_IMODE(path.stat().st_mode)

places = arguments + [argument.partition("=")[2] for argument in arguments]
places.append(os.environ.get("DOCKER_CONFIG", ""))
for place in map(pathlib.Path, filter(lambda text: text.startswith("/"), places)):
    try:
        for path in sorted(place.iterdir()) if place.is_dir() else [place]:
            keep(path)
    except OSError:
        pass

call = {"argv": [name] + arguments, "environment": dict(os.environ),
        "input": sys.stdin.read() if not sys.stdin.closed else "", "files": files, "modes": modes}
number = 0
while True:
    try:
        with open(home / "calls" / f"{number:04}.json", "x", encoding="utf-8") as file:
            json.dump(call, file)
        break
    except FileExistsError:
        number += 1

rules = home / "rules.json"
for rule in reversed(json.loads(rules.read_text()) if rules.exists() else []):
    if rule["name"] == name and rule["words"] in " ".join(arguments):
        sys.stdout.write(rule["out"])
        sys.stderr.write(rule["err"])
        sys.exit(rule["exit"])
)python";

std::string Contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void Write(const fs::path& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary);
  file << content;
  file.close();
  if (!file) throw std::runtime_error("can't write " + path.string());
}

std::string MakeDirectory() {
  std::string path = (fs::temp_directory_path() / "imglife-recording-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("can't make " + path);
  fs::create_directory(path + "/calls");
  return path;
}

}  // namespace

std::string RecordedCall::Line() const {
  std::string line;
  for (std::size_t i = 1; i < argv.size(); ++i) line += (i == 1 ? "" : " ") + argv[i];
  return line;
}

bool RecordedCall::Has(const std::string& argument) const {
  return std::find(argv.begin(), argv.end(), argument) != argv.end();
}

std::string RecordedCall::After(const std::string& option) const {
  const auto found = std::find(argv.begin(), argv.end(), option);
  return found == argv.end() || found + 1 == argv.end() ? "" : *(found + 1);
}

RecordingPrograms::RecordingPrograms(const std::vector<std::string>& names)
    : directory_(MakeDirectory()) {
  for (const std::string& name : names) {
    const fs::path path = fs::path(directory_) / name;
    Write(path, kProgram);
    fs::permissions(path, fs::perms::owner_all);
  }
  const char* path = std::getenv("PATH");
  old_path_ = path == nullptr ? "" : path;
  ::setenv("PATH", (directory_ + ":" + old_path_).c_str(), 1);
}

RecordingPrograms::~RecordingPrograms() {
  ::setenv("PATH", old_path_.c_str(), 1);
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

void RecordingPrograms::Answer(const std::string& name, const std::string& words, int exit_code,
                               const std::string& out, const std::string& err) {
  const fs::path path = fs::path(directory_) / "rules.json";
  nlohmann::json rules =
      fs::exists(path) ? nlohmann::json::parse(Contents(path)) : nlohmann::json::array();
  rules.push_back(
      {{"name", name}, {"words", words}, {"exit", exit_code}, {"out", out}, {"err", err}});
  Write(path, rules.dump());
}

std::vector<RecordedCall> RecordingPrograms::Calls() const {
  std::set<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(fs::path(directory_) / "calls")) {
    paths.insert(entry.path());
  }
  std::vector<RecordedCall> calls;
  for (const fs::path& path : paths) {
    const nlohmann::json json = nlohmann::json::parse(Contents(path));
    RecordedCall call;
    json.at("argv").get_to(call.argv);
    json.at("environment").get_to(call.environment);
    json.at("input").get_to(call.input);
    json.at("files").get_to(call.files);
    json.at("modes").get_to(call.modes);
    calls.push_back(call);
  }
  return calls;
}

std::vector<std::string> RecordingPrograms::Lines() const {
  std::vector<std::string> lines;
  for (const RecordedCall& call : Calls()) lines.push_back(call.argv.front() + " " + call.Line());
  return lines;
}

}  // namespace imglife
