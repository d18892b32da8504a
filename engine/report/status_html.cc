#include <algorithm>
#include <string>

#include "absl/strings/str_split.h"
#include "fmt/format.h"

#include "engine/report/status_report.h"
#include "engine/report/status_words.h"
#include "schema/text/escape.h"

namespace imglife {
namespace {

constexpr const char* kStyle =
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%;margin:1rem 0}"
    "th,td{border:1px solid #ccc;padding:.3rem .6rem;text-align:left;vertical-align:top}"
    "th{background:#f3f3f3}code{font-size:90%}svg text{font:12px system-ui,sans-serif}"
    ".ok{fill:#2e7d32}.warning{fill:#f9a825}.critical{fill:#ef6c00}.expired{fill:#c62828}.unknown{"
    "fill:#9e9e9e}";

constexpr int kLabelWidth = 360;
constexpr int kChartWidth = 600;
constexpr int kRowHeight = 24;

std::string Row(std::initializer_list<std::string> cells, const char* tag) {
  std::string row = "<tr>";
  for (const std::string& cell : cells)
    row += fmt::format("<{0}>{1}</{0}>", tag, EscapeMarkup(cell));
  return row + "</tr>\n";
}

std::string OrDash(const std::string& text) {
  return text.empty() ? "–" : text;
}

// Each line of its own, as a break is no control character here.
std::string Lines(const std::string& text, const char* end) {
  std::string lines;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    lines += (lines.empty() ? "" : end) + EscapeMarkup({line.data(), line.size()});
  }
  return lines;
}

std::string CountsAsHtml(const StatusReport& report) {
  std::string text;
  for (const std::string& line : CountLines(report)) {
    text += fmt::format("<p>{}</p>\n", EscapeMarkup(line));
  }
  return text;
}

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string ImagesAsHtml(const StatusReport& report) {
  if (report.images.empty()) return "";
  std::string text =
      "<h2>Base images</h2>\n<table>\n" +
      Row({"Image", "Version", "Base", "EOL", "Status", "Built on", "Digest", "Applications"},
          "th");
  for (const StatusImage& image : report.images) {
    text +=
        Row({image.image, OrDash(image.version), image.base, OrDash(image.eol_date),
             StateText(image.eol, report), OrDash(ShortDigest(image.base_digest)),
             image.built ? ShortDigest(image.digest) : "not built yet", std::string(kApplications)},
            "td");
  }
  return text + "</table>\n";
}

std::string MirrorsAsHtml(const StatusReport& report) {
  if (report.mirrors.empty()) return "";
  std::string text =
      "<h2>Mirrors</h2>\n<table>\n" +
      Row({"Source", "Mirror", "Selected tags", "Newest upstream", "EOL", "Status"}, "th");
  for (const StatusMirror& mirror : report.mirrors) {
    text += Row(
        {mirror.source, mirror.target, OrDash(Joined(mirror.tags)), OrDash(mirror.newest_upstream),
         OrDash(mirror.eol_date), StateText(mirror.eol, report)},
        "td");
  }
  return text + "</table>\n";
}

std::string DeletionsAsHtml(const StatusReport& report) {
  if (report.deletions.empty()) return "";
  std::string text = "<h2>Deletions that the retention policy would make</h2>\n<table>\n" +
                     Row({"Tag", "Reason"}, "th");
  for (const StatusDeletion& deletion : report.deletions) {
    text += Row({deletion.reference, deletion.reason}, "td");
  }
  return text + "</table>\n";
}

std::string OrphansAsHtml(const StatusReport& report) {
  if (report.orphans.empty()) return "";
  std::string text =
      "<h2>Orphans</h2>\n<p>Nothing declares these repositories any more.</p>\n<table>\n" +
      Row({"Repository", "Tags"}, "th");
  for (const StatusOrphan& orphan : report.orphans) {
    text += Row({orphan.repository, fmt::format("{}", orphan.tags)}, "td");
  }
  return text + "</table>\n";
}

std::string ProductsAsHtml(const StatusReport& report) {
  std::string text = report.products.empty() ? "" : "<h2>Products and cycles</h2>\n";
  for (const StatusProduct& product : report.products) {
    text += fmt::format("<h3>{}</h3>\n<table>\n{}", EscapeMarkup(product.product),
                        Row({"Cycle", "Released", "EOL", "Latest", "LTS"}, "th"));
    for (const EolCycle& cycle : product.cycles) {
      text += Row({cycle.cycle, DateText(cycle.release_date), FlagText(cycle.eol),
                   OrDash(cycle.latest.value_or("")), FlagText(cycle.lts)},
                  "td");
    }
    text += "</table>\n";
  }
  return text;
}

// A bar from release to end of life for every image whose dates are known.
std::string Timeline(const StatusReport& report) {
  std::vector<const StatusImage*> dated;
  absl::CivilDay first = absl::CivilDay::max();
  absl::CivilDay last = absl::CivilDay::min();
  for (const StatusImage& image : report.images) {
    if (!image.supported_from || !image.supported_until) continue;
    dated.push_back(&image);
    first = std::min(first, *image.supported_from);
    last = std::max(last, *image.supported_until);
  }
  if (dated.empty() || last <= first) return "";
  const auto x = [&](absl::CivilDay day) {
    return kLabelWidth + static_cast<int>((day - first) * kChartWidth / (last - first));
  };
  std::string svg = fmt::format(
      "<h2>Support periods</h2>\n<svg role=\"img\" aria-label=\"Support periods\" width=\"{}\" "
      "height=\"{}\">\n",
      kLabelWidth + kChartWidth + 20, kRowHeight * static_cast<int>(dated.size() + 1));
  int y = 0;
  for (const StatusImage* image : dated) {
    const int from = x(*image->supported_from);
    svg += fmt::format(
        "<text x=\"0\" y=\"{}\">{}</text><rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" "
        "height=\"14\"/>\n",
        y + 15, EscapeMarkup(image->image), EolStateName(image->eol), from, y + 4,
        std::max(1, x(*image->supported_until) - from));
    y += kRowHeight;
  }
  svg += fmt::format(
      "<text x=\"{}\" y=\"{}\">{}</text><text x=\"{}\" y=\"{}\" "
      "text-anchor=\"end\">{}</text>\n</svg>\n",
      kLabelWidth, y + 15, absl::FormatCivilTime(first), kLabelWidth + kChartWidth, y + 15,
      absl::FormatCivilTime(last));
  return svg;
}

}  // namespace

std::string StatusAsHtml(const StatusReport& report) {
  std::string text = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta "
      "charset=\"utf-8\"><title>{0}</title><style>{1}</style></head>\n"
      "<body>\n<h1>{0}</h1>\n",
      EscapeMarkup(report.title), kStyle);
  if (!report.client_zone.empty()) {
    text += fmt::format("<pre>{}</pre>\n", Lines(report.client_zone, "\n"));
  }
  text += CountsAsHtml(report) + ImagesAsHtml(report) + MirrorsAsHtml(report) +
          DeletionsAsHtml(report) + OrphansAsHtml(report) + Timeline(report) +
          ProductsAsHtml(report);
  for (const std::string& line : report.unreadable) {
    text += fmt::format("<p>Not readable: {}</p>\n", Lines(line, "<br>"));
  }
  return text + "</body>\n</html>\n";
}

}  // namespace imglife
