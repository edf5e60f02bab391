// A page load captured on both sides of a NAT plays as one flow with two tuples; a SYN that a dropped ruleset refuses
// is found and explained by keys alone.
#include <gtest/gtest.h>

#include "app/view/stage.h"
#include "viz/panels/why/why_panel.h"

namespace fourtuple::app {
namespace {

std::string data(const std::string& name) {
  return FT_SOURCE_DIR "/tests/data/nat/" + name;
}

class BothSidesByKeys : public testing::Test {
 protected:
  void SetUp() override {
    auto surface = viz::make_offscreen_surface(1280, 800);
    ASSERT_TRUE(surface);
    auto made = Stage::make(std::move(*surface), {1280, 800});
    ASSERT_TRUE(made);
    stage_ = std::move(*made);
  }
  void play(const std::string& script) {
    const auto steps = viz::parse_input_script(script, "test");
    ASSERT_TRUE(steps);
    ASSERT_TRUE(stage_->play(*steps));
    stage_->settle();
  }
  viz::Viewer& viewer() { return stage_->viewer(); }
  const replay::CauseChain& chain() { return viewer().panels().why().chain(); }

  std::unique_ptr<Stage> stage_;
};

TEST_F(BothSidesByKeys, a_packet_travels_through_the_nat_and_why_tells_what_was_seen) {
  ASSERT_TRUE(stage_->open(data("page.pcapng")));
  viewer().seek(Time{} + nanoseconds(5'066'209'000));
  play("key Y");
  EXPECT_EQ(chain().title, "Why did NAT change this packet?");
  ASSERT_EQ(chain().causes.size(), 4u);
  EXPECT_TRUE(chain().causes[0].inferred);
  EXPECT_EQ(chain().causes[0].evidence, "source 192.168.1.10:40000 → 203.0.113.5:40000");
  EXPECT_EQ(chain().causes[1].headline, "it was seen on wan0 on its way to www.example");
  EXPECT_FALSE(chain().causes[1].inferred);
  EXPECT_EQ(chain().causes[2].headline, "it was seen on lan0 on its way to www.example");
  EXPECT_FALSE(chain().causes[2].inferred);
}

TEST_F(BothSidesByKeys, captures_dropped_at_once_are_one_and_rules_dropped_then_see_all) {
  const viz::InputEvents events{viz::text_event(viz::InputKind::file_drop, data("page_inside.pcap")),
                                viz::text_event(viz::InputKind::file_drop, data("page_outside.pcap"))};
  stage_->frame(events, 16'667);
  stage_->settle();
  EXPECT_EQ(viewer().title(), "page_inside.pcap + page_outside.pcap");
  for (int turn = 0; turn < 2; ++turn) {
    play("drop " + data("no_web.nft"));
    const std::string title = viewer().document()->trace->tables().title;
    EXPECT_TRUE(title.starts_with("page_inside.pcap + page_outside.pcap through ")) << title;
  }
}

TEST_F(BothSidesByKeys, next_drop_finds_the_refused_syn_and_why_names_the_rule) {
  ASSERT_TRUE(stage_->open(data("page_inside.pcap")));
  play("drop " + data("no_web.nft") + "\nkey Home\nkey X\nkey Y");
  EXPECT_EQ(viewer().panel(), viz::PanelKind::why);
  EXPECT_EQ(chain().title, "Why was this SYN dropped?");
  ASSERT_EQ(chain().causes.size(), 2u);
  EXPECT_EQ(chain().causes[1].headline, "rule 3 of chain inet filter forward drops it");
  EXPECT_EQ(chain().causes[1].evidence, "tcp dport 80 counter drop, line 7");
  EXPECT_EQ(chain().causes[1].root, replay::CauseRoot::rule);
}

}  // namespace
}  // namespace fourtuple::app
