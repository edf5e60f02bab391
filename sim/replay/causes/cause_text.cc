#include "sim/replay/causes/cause_text.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/trace/describe.h"

namespace fourtuple::replay {

std::string_view name_of(CauseRoot root) {
  constexpr std::string_view names[] = {"", "call", "rule", "fault", "setting", "unseen"};
  return names[static_cast<std::size_t>(root)];
}

std::string cause_line(const CauseChain& chain, std::size_t index) {
  const Cause& cause = chain.causes[index];
  return (index == 0 ? "" : "because ") + cause.headline + (cause.inferred ? " (inferred)" : "");
}

std::string chain_text(const trace::Tables& tables, const CauseChain& chain) {
  if (chain.causes.empty()) return "";
  std::string text = chain.title + "\n";
  if (!chain.summary.empty())
    text += chain.summary + (chain.error.empty() ? "" : fmt::format(" ({})", chain.error)) + "\n";
  text += "\n";
  std::size_t time_width = 0, host_width = 0;
  for (const Cause& cause : chain.causes) {
    time_width = std::max(time_width, trace::time_text(cause.at).size());
    host_width = std::max(host_width, trace::host_name(tables, cause.host).size());
  }
  for (std::size_t i = 0; i < chain.causes.size(); ++i) {
    const Cause& cause = chain.causes[i];
    text += fmt::format("  {:>{}}  {:<{}}  {}\n", trace::time_text(cause.at), time_width,
                        trace::host_name(tables, cause.host), host_width, cause_line(chain, i));
    if (!cause.evidence.empty()) text += std::string(time_width + host_width + 6, ' ') + cause.evidence + "\n";
  }
  if (!chain.not_the_reason.empty()) {
    text += "\n  not the reason:";
    for (const std::string& what : chain.not_the_reason)
      text += (&what == chain.not_the_reason.data() ? " " : ", ") + what;
    text += "\n";
  }
  if (!chain.book.empty())
    text += fmt::format("\n  the book says: {}\n  Linux does: {}\n", chain.book, chain.linux_does);
  return text;
}

}  // namespace fourtuple::replay
