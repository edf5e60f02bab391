#include <gtest/gtest.h>

#include "viz/panels/common/names.h"
#include "viz/viewer/keymap.h"
#include "viz/viewer/narration.h"
#include "viz/viewer/packet_words.h"

namespace fourtuple::viz {
namespace {

TEST(Shortcuts, give_every_chord_one_meaning) {
  const auto all = shortcuts();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].chord.key == Key::none) continue;
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(all[i].chord, all[j].chord) << to_string(all[i].chord);
  }
}

TEST(Shortcuts, tell_plain_keys_from_those_with_modifiers) {
  const auto command = [](const char* chord) {
    return Keymap().command_for(key_event(InputKind::key_down, *parse_chord(chord)));
  };
  EXPECT_EQ(command("Right"), Command::step_forward);
  EXPECT_EQ(command("Shift+Right"), Command::hop_forward);
  EXPECT_EQ(command("Ctrl+Right"), Command::flow_forward);
  EXPECT_EQ(command("Alt+Right"), Command::rule_forward);
  EXPECT_EQ(command("."), Command::expression_forward);
  EXPECT_EQ(command("Ctrl+Space"), std::nullopt);
  EXPECT_EQ(Keymap().command_for(key_event(InputKind::key_up, *parse_chord("Space"))), std::nullopt);
}

TEST(Captions, hold_until_the_next_one) {
  const std::vector<trace::Caption> captions = {{Time{10}, "a", ""}, {Time{30}, "b", ""}};
  EXPECT_EQ(caption_at(captions, Time{9}), std::nullopt);
  EXPECT_EQ(caption_at(captions, Time{10}), 0u);
  EXPECT_EQ(caption_at(captions, Time{29}), 0u);
  EXPECT_EQ(caption_at(captions, Time{1000}), 1u);
}

TEST(PacketWords, name_what_a_packet_is) {
  Packet packet;
  packet.protocol = Protocol::tcp;
  packet.flags = TcpFlag::syn | TcpFlag::ack;
  EXPECT_EQ(what_words(packet), "SYN ACK");
  packet.flags = TcpFlag::ack;
  EXPECT_EQ(what_words(packet), "ACK");
  packet.payload_length = 1448;
  EXPECT_EQ(what_words(packet), "1,448 bytes");
  packet.flags = TcpFlag::ack | TcpFlag::fin;
  EXPECT_EQ(what_words(packet), "FIN, 1,448 bytes");
  EXPECT_EQ(short_time(Time{1'241'318'900}), "1.241 318");
}

}  // namespace
}  // namespace fourtuple::viz
