#include "engine/diff/pin_base.h"

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

#include <re2/re2.h>

namespace imglife {
namespace {

constexpr std::string_view kLayoutScheme = "ocidir://";

bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

bool Names(std::string_view word, const Reference& base) {
  const auto reference = ParseReference(word);
  if (!reference.ok() || reference->repository != base.repository) return false;
  const std::string tag =
      reference->tag.empty() && reference->digest.empty() ? "latest" : reference->tag;
  return tag == base.tag;
}

bool IsComment(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos || line[first] == '#';
}

// `# escape=`` at the top changes the character that continues lines.
char EscapeOf(std::string_view dockerfile) {
  while (dockerfile.substr(0, 1) == "#") {
    const std::string_view line = dockerfile.substr(0, dockerfile.find('\n'));
    static const RE2 kDirective(R"(#[ \t]*(?i:escape)[ \t]*=[ \t]*([`\\])[ \t\r]*)");
    std::string character;
    if (RE2::FullMatch(re2::StringPiece(line.data(), line.size()), kDirective, &character)) {
      return character.front();
    }
    dockerfile.remove_prefix(std::min(line.size() + 1, dockerfile.size()));
  }
  return '\\';
}

// Goes through a Dockerfile instruction by instruction (Dockerfile reference: "Parser directives",
// line continuation, "Here-Documents", "FROM").
class Pinner {
 public:
  Pinner(std::string_view dockerfile, const Reference& base, std::string pinned)
      : rest_(dockerfile), base_(base), pinned_(std::move(pinned)), escape_(EscapeOf(dockerfile)) {}

  std::string Run() {
    while (!rest_.empty()) {
      const std::string_view instruction = TakeInstruction();
      std::size_t at = 0;
      const std::string_view name = NextWord(instruction, at);
      if (EqualIgnoringCase(name, "FROM")) {
        PinFrom(instruction, at);
      } else {
        result_ += instruction;
        const bool may_have_documents = EqualIgnoringCase(name, "RUN") ||
                                        EqualIgnoringCase(name, "COPY") ||
                                        EqualIgnoringCase(name, "ADD");
        if (may_have_documents) KeepDocuments(instruction);
      }
    }
    return std::move(result_);
  }

  // After Run: the images of FROM lines that are neither the base nor a stage.
  const std::vector<std::string_view>& others() const { return others_; }

 private:
  // With its end of line, if it has one.
  std::string_view TakeLine() {
    const std::size_t end = rest_.find('\n');
    const std::string_view line = rest_.substr(0, end == std::string_view::npos ? end : end + 1);
    rest_.remove_prefix(line.size());
    return line;
  }

  bool Continues(std::string_view line) const {
    const std::size_t last = line.find_last_not_of(" \t\r\n");
    return last != std::string_view::npos && line[last] == escape_;
  }

  // One instruction with the lines that continue it, or one comment.
  std::string_view TakeInstruction() {
    const std::string_view all = rest_;
    std::string_view line = TakeLine();
    bool continues = !IsComment(line) && Continues(line);
    while (continues && !rest_.empty()) {
      line = TakeLine();
      if (!IsComment(line)) continues = Continues(line);
    }
    return all.substr(0, all.size() - rest_.size());
  }

  // Is there nothing but an end of line behind the escape character at `at`?
  bool EndsLine(std::string_view text, std::size_t at) const {
    if (text[at] != escape_) return false;
    const std::size_t next = text.find_first_not_of(" \t\r", at + 1);
    return next == std::string_view::npos || text[next] == '\n';
  }

  // The next word from `at` on; `at` is then behind it.
  std::string_view NextWord(std::string_view text, std::size_t& at) const {
    while (at < text.size() && (IsBlank(text[at]) || EndsLine(text, at))) {
      const bool new_line = text[at] == '\n';
      ++at;
      while (new_line && at < text.size() && IsComment(LineAt(text, at))) {
        at = std::min(at + LineAt(text, at).size() + 1, text.size());
      }
    }
    const std::size_t start = at;
    while (at < text.size() && !IsBlank(text[at]) && !EndsLine(text, at)) ++at;
    return text.substr(start, at - start);
  }

  static std::string_view LineAt(std::string_view text, std::size_t at) {
    return text.substr(at, text.substr(at).find('\n'));
  }

  // `FROM [--platform=P] IMAGE [AS NAME]` with IMAGE replaced, or as it is.
  void PinFrom(std::string_view instruction, std::size_t at) {
    std::string_view word = NextWord(instruction, at);
    while (word.substr(0, 2) == "--") word = NextWord(instruction, at);
    const std::size_t end = at;
    const bool is_image = !word.empty() && !IsStage(word);
    const bool is_base = is_image && Names(word, base_);
    if (is_image && !is_base) others_.push_back(word);
    result_ += instruction.substr(0, end - word.size());
    result_ += is_base ? std::string_view(pinned_) : word;
    result_ += instruction.substr(end);
    if (EqualIgnoringCase(NextWord(instruction, at), "AS")) {
      stages_.push_back(NextWord(instruction, at));
    }
  }

  // The name of an earlier stage stands for that stage, whatever image has the same name.
  bool IsStage(std::string_view word) const {
    return std::any_of(stages_.begin(), stages_.end(),
                       [word](std::string_view stage) { return EqualIgnoringCase(stage, word); });
  }

  // What is in here-documents is no instruction.
  void KeepDocuments(std::string_view instruction) {
    static const RE2 kStart(R"((?:^|\s)\d*<<(-?)(["']?)([A-Za-z0-9_.-]+)["']?)");
    re2::StringPiece text(instruction.data(), instruction.size());
    std::string dash;
    std::string quote;
    std::string name;
    while (RE2::FindAndConsume(&text, kStart, &dash, &quote, &name)) {
      KeepDocument(name, !dash.empty());
    }
  }

  void KeepDocument(const std::string& name, bool strips_tabs) {
    while (!rest_.empty()) {
      const std::string_view line = TakeLine();
      result_ += line;
      std::string_view text = line.substr(0, line.find_last_not_of("\r\n") + 1);
      while (strips_tabs && text.substr(0, 1) == "\t") text.remove_prefix(1);
      if (text == name) return;
    }
  }

  std::string_view rest_;
  const Reference& base_;
  const std::string pinned_;
  const char escape_;
  std::vector<std::string_view> stages_;
  std::vector<std::string_view> others_;
  std::string result_;
};

}  // namespace

std::string PinBase(std::string_view dockerfile, const Reference& base, const Digest& digest) {
  return NameBase(dockerfile, base, Reference{base.repository, base.tag, digest}.ToString());
}

std::string NameBase(std::string_view dockerfile, const Reference& base, const std::string& name) {
  return Pinner(dockerfile, base, name).Run();
}

std::string LayoutBesideBase(std::string_view dockerfile, const Reference& base) {
  Pinner pinner(dockerfile, base, "");
  (void)pinner.Run();
  const auto found = std::find_if(
      pinner.others().begin(), pinner.others().end(),
      [](std::string_view word) { return word.substr(0, kLayoutScheme.size()) == kLayoutScheme; });
  return found == pinner.others().end() ? "" : std::string(*found);
}

}  // namespace imglife
