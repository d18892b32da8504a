#include "engine/diff/dockerfile_images.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

#include "schema/text/dockerfile_reader.h"

namespace imglife {
namespace {

using Values = std::map<std::string, std::string>;

bool IsVariableCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// BuildKit's and buildah's; whether a default in the Dockerfile wins over them differs.
bool IsSetByBuilders(std::string_view name) {
  static constexpr std::array<std::string_view, 10> kNames = {
      "BUILDARCH", "BUILDOS",         "BUILDPLATFORM",  "BUILDVARIANT", "TARGETARCH",
      "TARGETOS",  "TARGETOSVERSION", "TARGETPLATFORM", "TARGETSTAGE",  "TARGETVARIANT"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

// The variables where a FROM or an instruction of a stage is.
struct Scope {
  Values args;
  Values env;  // wins over args
  // Can something that isn't here have a value all the same (that of the base image)?
  bool has_base = false;

  // Absent: not set.
  std::optional<std::string> Find(const std::string& name) const {
    for (const Values* values : {&env, &args}) {
      const auto found = values->find(name);
      if (found != values->end()) return found->second;
    }
    if (has_base || IsSetByBuilders(name)) return std::string(1, kUntold);
    return std::nullopt;
  }
};

bool IsUntold(const std::optional<std::string>& value) {
  return value && value->find(kUntold) != std::string::npos;
}

// Variables add no more to a text, and no default within a default is deeper: those made of others
// could double in every line.
constexpr std::size_t kMostAdded = std::size_t{1} << 20;
constexpr int kMostNested = 32;

// One word, or a line of them: quotes and escapes go, variables become what they are. Untold where
// that is too long.
class Expander {
 public:
  Expander(std::string_view text, const Scope& scope, char escape, int nested = 0)
      : rest_(text),
        most_bytes_(text.size() + kMostAdded),
        scope_(scope),
        escape_(escape),
        nested_(nested) {}

  std::string Run() {
    if (nested_ > kMostNested) return std::string(1, kUntold);
    std::string result;
    bool quoted = false;
    while (!rest_.empty()) {
      if (result.size() > most_bytes_) return std::string(1, kUntold);
      const char c = Take();
      if (c == '"') {
        quoted = !quoted;
      } else if (c == '\'' && !quoted) {
        const std::size_t end = std::min(rest_.find('\''), rest_.size());
        result += rest_.substr(0, end);
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
      } else if (c == escape_ && !rest_.empty()) {
        result += Take();
      } else if (c == '$') {
        Append(Variable(), result);
      } else {
        result += c;
      }
    }
    return result;
  }

 private:
  // Anything after anything is anything.
  static void Append(std::string_view value, std::string& result) {
    if (value.starts_with(kUntold) && result.ends_with(kUntold)) value.remove_prefix(1);
    result += value;
  }

  char Take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  std::string TakeName() {
    const auto* end = std::find_if_not(rest_.begin(), rest_.end(), IsVariableCharacter);
    std::string name(rest_.begin(), end);
    rest_.remove_prefix(name.size());
    return name;
  }

  // What is behind a `$`.
  std::string Variable() {
    if (rest_.empty()) return "$";
    if (rest_.front() == '{') return InBraces();
    if (!IsVariableCharacter(rest_.front())) return "$";
    return ValueOf(TakeName());
  }

  std::string ValueOf(const std::string& name) const {
    return scope_.Find(name).value_or(std::string(1, kUntold));
  }

  std::string InBraces() {
    Take();
    const std::string name = TakeName();
    std::string_view modifier = TakeToBrace();
    if (modifier.empty()) return ValueOf(name);
    std::optional<std::string> value = scope_.Find(name);
    if (modifier.front() == ':') {
      modifier.remove_prefix(1);
      if (value && value->empty()) value.reset();
    }
    const char kind = modifier.empty() ? '\0' : modifier.front();
    if (IsUntold(value) || kind == '\0') return std::string(1, kUntold);
    const std::string word = Expander(modifier.substr(1), scope_, escape_, nested_ + 1).Run();
    if (kind == '-') return value.value_or(word);
    if (kind == '+') return value ? word : "";
    if (kind == '?' && value) return *value;
    return std::string(1, kUntold);
  }

  // Up to the brace that ends the one that was taken, and behind it.
  std::string_view TakeToBrace() {
    std::size_t depth = 1;
    std::size_t at = 0;
    for (; at < rest_.size() && depth > 0; ++at) {
      if (rest_[at] == escape_) {
        ++at;
      } else if (rest_[at] == '{') {
        ++depth;
      } else if (rest_[at] == '}') {
        --depth;
      }
    }
    at = std::min(at, rest_.size());
    const std::string_view inside = rest_.substr(0, depth == 0 ? at - 1 : at);
    rest_.remove_prefix(at);
    return inside;
  }

  std::string_view rest_;
  const std::size_t most_bytes_;
  const Scope& scope_;
  const char escape_;
  const int nested_;
};

// The next word, with its quotes: blanks within them, behind an escape or in braces belong to it.
std::string_view TakeWord(std::string_view& line, char escape) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  char quote = '\0';
  std::size_t at = 0;
  for (; at < line.size(); ++at) {
    const char c = line[at];
    if (c == escape && quote != '\'') {
      ++at;
    } else if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == ' ' || c == '\t') {
      break;
    }
  }
  const std::string_view word = line.substr(0, at);
  line.remove_prefix(word.size());
  return word;
}

bool Starts(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

class ImageFinder {
 public:
  ImageFinder(std::string_view dockerfile, const Values& args) : reader_(dockerfile), args_(args) {
    for (const auto& [name, value] : args) {
      if (IsSetByBuilders(name)) head_.args[name] = value;
    }
    now_ = head_;
  }

  DockerfileImages Run() {
    while (!reader_.AtEnd()) {
      const std::string_view instruction = reader_.TakeInstruction();
      const std::string line = reader_.JoinLines(instruction);
      if (!line.empty()) Read(line);
      (void)reader_.TakeDocuments(instruction);
    }
    return std::move(images_);
  }

 private:
  std::string Expand(std::string_view text, const Scope& scope) const {
    return Expander(text, scope, reader_.escape()).Run();
  }

  void Read(std::string_view line) {
    std::string_view rest = line;
    const std::string_view name = TakeWord(rest, reader_.escape());
    const bool is_from = EqualIgnoringCase(name, "FROM");
    images_.text += Expand(line, is_from ? head_ : now_) + "\n";
    if (is_from) {
      ReadFrom(rest);
    } else if (EqualIgnoringCase(name, "ARG")) {
      ReadArg(rest);
    } else if (EqualIgnoringCase(name, "ENV")) {
      ReadEnv(rest);
    } else if (EqualIgnoringCase(name, "COPY") || EqualIgnoringCase(name, "RUN")) {
      ReadFlags(rest);
    }
  }

  // `FROM [--platform=P] IMAGE [AS NAME]`. Only the ARGs before the first FROM count.
  void ReadFrom(std::string_view rest) {
    std::string_view word = TakeWord(rest, reader_.escape());
    while (Starts(word, "--")) word = TakeWord(rest, reader_.escape());
    const std::string image = Expand(word, head_);
    const Scope* stage = FindStage(image);
    now_ = stage != nullptr ? *stage : Scope{.args = {}, .env = {}, .has_base = true};
    if (stage == nullptr) images_.named.push_back(image);
    stages_.emplace_back();
    in_stage_ = true;
    stages_.back().second = now_;
    if (EqualIgnoringCase(TakeWord(rest, reader_.escape()), "AS")) {
      stages_.back().first = TakeWord(rest, reader_.escape());
    }
  }

  // What the build gives wins over the default.
  void ReadArg(std::string_view rest) {
    for (auto word = TakeWord(rest, reader_.escape()); !word.empty();
         word = TakeWord(rest, reader_.escape())) {
      const std::size_t equals = word.find('=');
      const std::string name(word.substr(0, equals));
      const auto given = args_.find(name);
      if (given != args_.end()) {
        now_.args[name] = given->second;
      } else if (IsSetByBuilders(name)) {
        now_.args[name] = std::string(1, kUntold);
      } else if (equals != std::string_view::npos) {
        now_.args[name] = Expand(word.substr(equals + 1), now_);
      } else if (const auto inherited = head_.args.find(name);
                 in_stage_ && inherited != head_.args.end()) {
        now_.args[name] = inherited->second;
      }
    }
    Keep();
  }

  // `ENV NAME=VALUE …`, or `ENV NAME VALUE`.
  void ReadEnv(std::string_view rest) {
    const Scope before = now_;
    std::string_view word = TakeWord(rest, reader_.escape());
    if (word.find('=') == std::string_view::npos) {
      now_.env[std::string(word)] =
          Expand(rest.substr(std::min(rest.find_first_not_of(" \t"), rest.size())), before);
    } else {
      for (; !word.empty(); word = TakeWord(rest, reader_.escape())) {
        const std::size_t equals = std::min(word.find('='), word.size() - 1);
        now_.env[std::string(word.substr(0, equals))] = Expand(word.substr(equals + 1), before);
      }
    }
    Keep();
  }

  void Keep() { (in_stage_ ? stages_.back().second : head_) = now_; }

  // `--from=IMAGE` and `--mount=…,from=IMAGE,…`.
  void ReadFlags(std::string_view rest) {
    for (auto word = TakeWord(rest, reader_.escape()); Starts(word, "--");
         word = TakeWord(rest, reader_.escape())) {
      const std::string flag = Expand(word, now_);
      if (Starts(flag, "--from=")) {
        AddUnlessStage(flag.substr(std::string_view("--from=").size()));
      } else if (Starts(flag, "--mount=")) {
        ReadMount(std::string_view(flag).substr(std::string_view("--mount=").size()));
      }
    }
  }

  void ReadMount(std::string_view options) {
    while (!options.empty()) {
      const std::string_view option = options.substr(0, options.find(','));
      if (Starts(option, "from=")) {
        AddUnlessStage(std::string(option.substr(std::string_view("from=").size())));
      }
      options.remove_prefix(std::min(option.size() + 1, options.size()));
    }
  }

  void AddUnlessStage(const std::string& image) {
    if (FindStage(image) == nullptr) images_.named.push_back(image);
  }

  // The name of an earlier stage stands for that stage, whatever image has the same name.
  const Scope* FindStage(std::string_view name) const {
    const auto found = std::find_if(stages_.rbegin(), stages_.rend(), [&](const auto& stage) {
      return !stage.first.empty() && EqualIgnoringCase(stage.first, name);
    });
    return found == stages_.rend() ? nullptr : &found->second;
  }

  DockerfileReader reader_;
  const Values& args_;
  Scope head_;  // before the first FROM
  Scope now_;
  bool in_stage_ = false;
  std::vector<std::pair<std::string, Scope>> stages_;
  DockerfileImages images_;
};

}  // namespace

DockerfileImages ImagesOf(std::string_view dockerfile,
                          const std::map<std::string, std::string>& args) {
  return ImageFinder(dockerfile, args).Run();
}

}  // namespace imglife
