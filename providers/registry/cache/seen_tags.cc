#include "providers/registry/cache/seen_tags.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "fmt/format.h"

namespace imglife {
namespace {

// Some ten thousand tags.
constexpr std::size_t kMaxBytes = std::size_t{4} << 20;

// No file may have the name of every repository.
std::string NameOf(const Repository& repository) {
  return std::string(Digest::OfBytes(repository.ToString()).hex());
}

std::string Render(const std::map<std::string, Digest>& digests) {
  std::string text;
  for (const auto& [tag, digest] : digests) text += fmt::format("{} {}\n", digest.str(), tag);
  return text;
}

}  // namespace

SeenTags::~SeenTags() {
  for (const auto& [repository, notes] : notes_) {
    if (!notes.changed.empty()) Write(repository, notes.changed);
  }
}

std::optional<Digest> SeenTags::Last(const Repository& repository, const std::string& tag) {
  Notes& notes = NotesOf(repository);
  const std::lock_guard lock(notes.mutex);
  const auto at = notes.known.find(tag);
  if (at == notes.known.end()) return std::nullopt;
  return at->second;
}

void SeenTags::Saw(const Repository& repository, const std::string& tag, const Digest& digest) {
  Notes& notes = NotesOf(repository);
  const std::lock_guard lock(notes.mutex);
  if (std::exchange(notes.known[tag], digest) != digest) notes.changed[tag] = digest;
}

SeenTags::Notes& SeenTags::NotesOf(const Repository& repository) {
  Notes* notes = nullptr;
  {
    const std::lock_guard lock(mutex_);
    notes = &notes_[repository];
  }
  std::call_once(notes->read, [&] {
    if (!forgets_) notes->known = Read(repository);
  });
  return *notes;
}

SeenTags::Digests SeenTags::Read(const Repository& repository) {
  Digests digests;
  const auto text = files_.Read(kFolder, NameOf(repository), kMaxBytes);
  std::string_view rest = text ? std::string_view(*text) : std::string_view();
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const std::size_t space = line.find(' ');
    auto digest = Digest::Parse(line.substr(0, space));
    if (space == std::string_view::npos || !digest.ok()) continue;
    digests.insert_or_assign(std::string(line.substr(space + 1)), *std::move(digest));
  }
  return digests;
}

// What other runs have noted meanwhile stays.
void SeenTags::Write(const Repository& repository, const Digests& changed) {
  Digests all = Read(repository);
  for (const auto& [tag, digest] : changed) all.insert_or_assign(tag, digest);
  std::string text = Render(all);
  // Of a repository with so many tags that are gone, those that are there.
  if (text.size() > kMaxBytes) text = Render(changed);
  if (text.size() <= kMaxBytes) files_.Write(kFolder, NameOf(repository), text);
}

}  // namespace imglife
