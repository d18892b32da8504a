#include <string>
#include <vector>

#include "fmt/format.h"

#include "engine/report/status_report.h"
#include "engine/report/status_words.h"
#include "schema/text/escape.h"

namespace imglife {
namespace {

std::string Cell(const std::string& text) {
  return text.empty() ? "–" : EscapeMarkdown(text);
}

std::string Code(const std::string& text) {
  return text.empty() ? "–" : fmt::format("`{}`", EscapeControl(text));
}

std::string Counts(const StatusReport& report) {
  std::string text;
  for (const std::string& line : CountLines(report)) text += line + "\n\n";
  return text;
}

std::string ImagesAsMarkdown(const StatusReport& report) {
  if (report.images.empty()) return "";
  std::string text =
      "## Base images\n\n"
      "| Image | Version | Base | EOL | Status | Built on | Digest | Applications |\n"
      "| --- | --- | --- | --- | --- | --- | --- | --- |\n";
  for (const StatusImage& image : report.images) {
    text +=
        fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} |\n", Code(image.image),
                    Cell(image.version), Code(image.base), Cell(image.eol_date),
                    StateText(image.eol, report), Code(ShortDigest(image.base_digest)),
                    image.built ? Code(ShortDigest(image.digest)) : "not built yet", kApplications);
  }
  return text + "\n";
}

std::string MirrorsAsMarkdown(const StatusReport& report) {
  if (report.mirrors.empty()) return "";
  std::string text =
      "## Mirrors\n\n"
      "| Source | Mirror | Selected tags | Newest upstream | EOL | Status |\n"
      "| --- | --- | --- | --- | --- | --- |\n";
  for (const StatusMirror& mirror : report.mirrors) {
    std::string tags;
    for (const std::string& tag : mirror.tags) tags += (tags.empty() ? "" : ", ") + Code(tag);
    text +=
        fmt::format("| {} | {} | {} | {} | {} | {} |\n", Code(mirror.source), Code(mirror.target),
                    tags.empty() ? "–" : tags, Code(mirror.newest_upstream), Cell(mirror.eol_date),
                    StateText(mirror.eol, report));
  }
  return text + "\n";
}

std::string DeletionsAsMarkdown(const StatusReport& report) {
  if (report.deletions.empty()) return "";
  std::string text =
      "## Deletions that the retention policy would make\n\n"
      "| Tag | Reason |\n"
      "| --- | --- |\n";
  for (const StatusDeletion& deletion : report.deletions) {
    text += fmt::format("| {} | {} |\n", Code(deletion.reference), Cell(deletion.reason));
  }
  return text + "\n";
}

std::string OrphansAsMarkdown(const StatusReport& report) {
  if (report.orphans.empty()) return "";
  std::string text =
      "## Orphans\n\n"
      "Nothing declares these repositories any more; they are never deleted by themselves.\n\n"
      "| Repository | Tags |\n"
      "| --- | --- |\n";
  for (const StatusOrphan& orphan : report.orphans) {
    text += fmt::format("| {} | {} |\n", Code(orphan.repository), orphan.tags);
  }
  return text + "\n";
}

std::string Products(const StatusReport& report) {
  std::string text = report.products.empty() ? "" : "## Products and cycles\n\n";
  for (const StatusProduct& product : report.products) {
    text += fmt::format(
        "### {}\n\n| Cycle | Released | EOL | Latest | LTS |\n| --- | --- | --- | --- | --- |\n",
        EscapeMarkdown(product.product));
    for (const EolCycle& cycle : product.cycles) {
      text += fmt::format("| {} | {} | {} | {} | {} |\n", Cell(cycle.cycle),
                          DateText(cycle.release_date), FlagText(cycle.eol),
                          Cell(cycle.latest.value_or("")), FlagText(cycle.lts));
    }
    text += "\n";
  }
  return text;
}

std::string Unreadable(const StatusReport& report) {
  if (report.unreadable.empty()) return "";
  std::string text = "## Not readable\n\n";
  for (const std::string& line : report.unreadable)
    text += fmt::format("- {}\n", EscapeMarkdown(line));
  return text + "\n";
}

}  // namespace

std::string StatusAsMarkdown(const StatusReport& report) {
  std::string text = fmt::format("# {}\n\n", EscapeMarkdown(report.title));
  // Written by the people who keep the configuration: inserted as it is.
  if (!report.client_zone.empty()) {
    text += report.client_zone;
    text += report.client_zone.back() == '\n' ? "\n" : "\n\n";
  }
  return text + Counts(report) + ImagesAsMarkdown(report) + MirrorsAsMarkdown(report) +
         DeletionsAsMarkdown(report) + OrphansAsMarkdown(report) + Products(report) +
         Unreadable(report);
}

}  // namespace imglife
