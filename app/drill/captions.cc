#include "app/drill/captions.h"

#include <fmt/format.h>

namespace fourtuple::app {
namespace {

// The script's lines, from 1.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines{{}};
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// Without comments and with single blanks: a caption is read, not typed.
std::string tidy(std::string_view line) {
  line = line.substr(0, line.find("//"));
  std::string out;
  for (const char c : line) {
    const bool blank = c == ' ' || c == '\t' || c == '\r';
    if (!blank)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string remarks_on(const drill::Report& report, int line) {
  std::string out;
  for (const drill::Remark& remark : report.remarks)
    if (remark.where.line == line)
      out += fmt::format(" [{}{}]", remark.text, remark.kind == drill::Remark::Kind::skipped ? ": skipped" : "");
  return out;
}

std::string how_it_went(const drill::Report& report) {
  if (report.failure)
    return fmt::format("Line {} differs, after {} of {} events", report.failure->where.line, report.done,
                       report.events);
  if (report.skipped != 0) return fmt::format("As the script says, but for {} skipped", report.skipped);
  return fmt::format("As the script says: {} events", report.events);
}

}  // namespace

std::vector<std::string> notes_of(const ScriptRun& run) {
  std::vector<std::string> notes{how_it_went(run.report)};
  for (const drill::Remark& remark : run.report.remarks) notes.push_back("line " + drill::text_of(remark));
  if (run.report.failure) notes.push_back(run.report.failure->to_string());
  return notes;
}

std::vector<trace::Caption> captions_of(std::string_view text, const drill::Report& report) {
  const std::vector<std::string_view> lines = lines_of(text);
  std::vector<trace::Caption> captions;
  int first = 0;
  for (const drill::Done& done : report.order) {
    const int line = done.where.line;
    if (captions.empty() || captions.back().from != done.at) {
      captions.push_back({done.at, {}, {}});
      first = line;
    }
    trace::Caption& caption = captions.back();
    caption.title = first == line ? fmt::format("Line {}", line) : fmt::format("Lines {} to {}", first, line);
    if (!caption.text.empty()) caption.text += "\n";
    caption.text += tidy(lines[static_cast<std::size_t>(line)]) + remarks_on(report, line);
  }
  if (report.failure) {
    const Time at = captions.empty() ? Time{0} : captions.back().from;
    captions.push_back({at, how_it_went(report), report.failure->message + "\nexpected " + report.failure->expected});
  }
  return captions;
}

}  // namespace fourtuple::app
