#include "viz/panels/rules/set_rows.h"

#include <algorithm>

#include "viz/panels/common/names.h"

namespace fourtuple::viz {

std::vector<SetRow> set_rows(const PanelContext& context, const trace::RulesetInfo& ruleset, const state::State& before,
                             std::size_t most) {
  const auto& elements = context.cursor.state().set_elements;
  std::vector<SetRow> rows;
  for (std::uint32_t i = 0; i < elements.end() && rows.size() < most; ++i) {
    if (!elements.alive(i) || elements[i].expires <= context.now()) continue;
    const state::SetElement& element = elements[i];
    const auto set = std::find_if(ruleset.sets.begin(), ruleset.sets.end(),
                                  [&](const trace::SetInfo& info) { return info.id == element.set; });
    if (set == ruleset.sets.end()) continue;
    SetRow row;
    row.set = set->name;
    row.element =
        context.value_text(ruleset.host, set->types, set->widths,
                           {element.words.data(), std::min<std::size_t>(element.word_count, element.words.size())});
    if (element.timeout_ns != 0) row.left = span_text(element.expires - context.now());
    row.fresh = !before.set_elements.alive(i) || before.set_elements[i].words != element.words;
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace fourtuple::viz
