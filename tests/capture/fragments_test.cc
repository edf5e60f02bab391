// Later fragments and the conversation of their first one.
#include <gmock/gmock.h>

#include "capture/importer.h"

namespace fourtuple::capture {
namespace {

using ::testing::ElementsAre;

// Whose each frame is, by flow; -1: nobody's.
std::vector<int> flow_of_each_frame(const ImportedCapture& capture) {
  std::vector<int> flows;
  for (const FrameInfo& frame : capture.frames)
    flows.push_back(frame.flow == FlowPlace::no_flow ? -1 : static_cast<int>(frame.flow));
  return flows;
}

TEST(Fragments, belong_to_their_first_one_through_each_other_before_it_and_with_an_identification_used_again) {
  const auto capture = import_capture(FT_SOURCE_DIR "/tests/captures/fragments_mixed.pcap");
  ASSERT_TRUE(capture.has_value());
  EXPECT_THAT(flow_of_each_frame(*capture), ElementsAre(0, 1, 1, 0, 2, 2, 3, 3));
  for (const Flow& flow : capture->flows.flows()) {
    EXPECT_EQ(flow.packets[0], 1U);
    EXPECT_EQ(flow.later_fragments[0], 1U);
  }
  EXPECT_EQ(capture->report.count(FrameKind::later_fragment), 4U);
}

TEST(Fragments, of_real_traffic_all_find_their_conversation) {
  const auto capture = import_capture(FT_SOURCE_DIR "/tests/captures/fragments.pcap");
  ASSERT_TRUE(capture.has_value());
  std::uint64_t tied = 0;
  for (const Flow& flow : capture->flows.flows()) tied += flow.later_fragments[0] + flow.later_fragments[1];
  EXPECT_GT(tied, 0U);
  EXPECT_EQ(tied, capture->report.count(FrameKind::later_fragment));
}

}  // namespace
}  // namespace fourtuple::capture
