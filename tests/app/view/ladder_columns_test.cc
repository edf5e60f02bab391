// Columns of the ladder on a real scenario: a host whose several programs take part has one for each.
#include <algorithm>
#include <gtest/gtest.h>

#include "app/view/documents.h"
#include "viz/panels/ladder/ladder_model.h"

namespace fourtuple::app {
namespace {

struct Shown {
  explicit Shown(const std::string& scenario)
      : document(*open_document(std::string(FT_SOURCE_DIR) + "/scenarios/" + scenario)),
        indexes(*document.trace),
        cursor(*document.trace) {
    indexes.refresh();
    cursor.refresh();
  }

  viz::LadderModel whole() {
    cursor.seek(document.trace->end_time() - milliseconds(1));
    const viz::PanelContext context{
        *document.trace,     indexes,        cursor, playback, selection, document.frame_bytes, true, wishes,
        document.value_text, *document.tools};
    return viz::build_ladder(context, Time{0}, document.trace->end_time());
  }

  viz::Document document;
  replay::Indexes indexes;
  replay::Cursor cursor;
  replay::Playback playback;
  viz::Selection selection;
  std::vector<viz::Wish> wishes;
};

TEST(LadderColumns, stand_side_by_side_for_the_programs_of_one_host) {
  Shown shown("ports/one_server_many_services.yaml");
  const viz::LadderModel model = shown.whole();
  std::vector<std::string> details;
  for (const viz::LadderColumn& column : model.columns) {
    if (column.name == "server") details.push_back(column.detail);
  }
  ASSERT_GE(details.size(), 2u);
  for (const viz::LadderArrow& arrow : model.arrows) {
    // Every conversation keeps to one column of the server.
    ASSERT_LT(arrow.to, model.columns.size());
    ASSERT_LT(arrow.from, model.columns.size());
  }
  const auto uses = [&](std::size_t column) {
    return std::any_of(model.arrows.begin(), model.arrows.end(),
                       [&](const viz::LadderArrow& arrow) { return arrow.from == column || arrow.to == column; });
  };
  for (std::size_t i = 0; i < model.columns.size(); ++i) EXPECT_TRUE(uses(i)) << model.columns[i].detail;
}

TEST(LadderColumns, are_bands_where_addresses_are_rewritten) {
  Shown shown("nat/home.yaml");
  const viz::LadderModel model = shown.whole();
  for (const viz::LadderColumn& column : model.columns) EXPECT_EQ(column.rewrites, column.name == "router");
  const auto rewritten = std::find_if(model.arrows.begin(), model.arrows.end(),
                                      [](const viz::LadderArrow& arrow) { return !arrow.rewrite.empty(); });
  ASSERT_NE(rewritten, model.arrows.end());
  ASSERT_NE(rewritten->before, viz::no_arrow);
  EXPECT_EQ(model.arrows[rewritten->before].packet, rewritten->packet);
  EXPECT_EQ(model.arrows[rewritten->before].to, rewritten->from);
}

TEST(LadderColumns, hold_every_packet_of_the_stretch_asked_for) {
  Shown shown("first_run.yaml");
  const std::size_t all = shown.whole().arrows.size();
  std::size_t hops = 0;
  for (std::uint32_t packet = 0; packet < shown.indexes.packets().size(); ++packet)
    hops += shown.indexes.packets().hops({packet}).size();
  EXPECT_EQ(all, hops);
}

}  // namespace
}  // namespace fourtuple::app
