// Somebody who presses and clicks without looking: keys, text, clicks, drags, wheels, files whole and broken, windows
// of all sizes, looks and languages. Nothing may crash, hang or leave the window without a picture. The seconds it
// takes are FOURTUPLE_RANDOM_SECONDS (3); its seed is FOURTUPLE_RANDOM_SEED (1), told when something is wrong.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "app/view/stage.h"
#include "sim/base/random.h"
#include "tests/app/support/places.h"

namespace fourtuple::app {
namespace {

using viz::InputKind;

constexpr const char* whole_files[] = {
    "/scenarios/first_run.yaml",
    "/scenarios/firewall/drop_reject_reset.yaml",
    "/scenarios/nat/home.yaml",
    "/scenarios/nat/hairpin.yaml",
    "/scenarios/tcp/fast_retransmit.yaml",
    "/scenarios/ports/well_known.yaml",
    "/tests/fuzz/corpus/capture/icmp_errors.pcap",
    "/tests/fuzz/corpus/capture/vlan.pcap",
    "/tests/data/rulesets/01-home-basic.nft",
    "/README.md",
    "/no/such/file.yaml",
};

std::int64_t from_environment(const char* name, std::int64_t usual) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::atoll(text) : usual;
}

class Hand {
 public:
  explicit Hand(std::uint64_t seed) : random_(seed, "hand") {}

  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_.next() % end); }
  bool one_in(std::uint32_t n) { return below(n) == 0; }

  viz::InputEvents next(int width, int height) {
    switch (below(16)) {
      case 0:
      case 1:
        return click(width, height);
      case 2:
        return drag(width, height);
      case 3:
        return {wheel()};
      case 4:
        return {viz::text_event(InputKind::text, typed())};
      case 5:
        return {viz::mouse_event(InputKind::mouse_move, x(width), x(height))};
      default:
        return key();
    }
  }

  // A file, sometimes cut short or with some bytes replaced.
  std::string file() {
    const std::string path = source_dir + whole_files[below(std::size(whole_files))];
    if (!one_in(3)) return path;
    std::ifstream in(path, std::ios::binary);
    std::ostringstream read;
    read << in.rdbuf();
    std::string bytes = read.str();
    if (one_in(2) && !bytes.empty()) bytes.resize(below(static_cast<std::uint32_t>(bytes.size())));
    for (std::uint32_t i = 0; i < 4 && !bytes.empty(); ++i)
      bytes[below(static_cast<std::uint32_t>(bytes.size()))] = static_cast<char>(below(256));
    const std::string broken = testing::TempDir() + "broken" + std::filesystem::path(path).extension().string();
    std::ofstream(broken, std::ios::binary) << bytes;
    return broken;
  }

 private:
  float x(int size) { return static_cast<float>(below(static_cast<std::uint32_t>(size) + 40)) - 20; }

  viz::InputEvents click(int width, int height) {
    const float at_x = x(width), at_y = x(height);
    const auto button = one_in(8) ? viz::MouseButton::right : viz::MouseButton::left;
    return {viz::mouse_event(InputKind::mouse_move, at_x, at_y),
            viz::mouse_event(InputKind::mouse_down, at_x, at_y, button),
            viz::mouse_event(InputKind::mouse_up, at_x, at_y, button)};
  }
  viz::InputEvents drag(int width, int height) {
    viz::InputEvents events = {viz::mouse_event(InputKind::mouse_move, x(width), x(height))};
    events.push_back(viz::mouse_event(InputKind::mouse_down, events[0].x, events[0].y));
    events.push_back(viz::mouse_event(InputKind::mouse_move, x(width), x(height)));
    if (!one_in(6)) events.push_back(viz::mouse_event(InputKind::mouse_up, events[2].x, events[2].y));
    return events;
  }
  viz::InputEvent wheel() {
    viz::InputEvent event;
    event.kind = InputKind::wheel;
    event.y = static_cast<float>(below(9)) - 4;
    return event;
  }
  std::string typed() {
    constexpr const char* texts[] = {"a",  "host:server", "tcp port 80", "(", "\"",
                                     "鍵", " and not ",   "ipv6",        "/", "loss 10 %"};
    return texts[below(std::size(texts))];
  }
  viz::InputEvents key() {
    viz::Chord chord{static_cast<viz::Key>(1 + below(static_cast<std::uint32_t>(viz::Key::count) - 1)), {}};
    chord.mods = {one_in(6), one_in(6), one_in(8)};
    // An animation takes long to write.
    if (chord.key == viz::Key::g && chord.mods.ctrl && chord.mods.shift) chord.mods.ctrl = false;
    viz::InputEvent down = viz::key_event(InputKind::key_down, chord);
    down.repeat = one_in(8);
    if (one_in(12)) return {down};  // never let go
    return {down, viz::key_event(InputKind::key_up, chord)};
  }

  Random random_;
};

std::unique_ptr<Stage> open_window(Hand& hand, int& width, int& height) {
  width = 320 + static_cast<int>(hand.below(1300));
  height = 320 + static_cast<int>(hand.below(800));
  StageOptions options{width, height};
  options.scale = hand.one_in(3) ? 2 : 1;
  options.look.look = static_cast<viz::Look>(hand.below(3));
  options.look.scale = hand.one_in(4) ? 1.5F : 1;
  options.look.japanese = hand.one_in(3);
  options.look.reduced_motion = hand.one_in(3);
  auto surface = viz::make_offscreen_surface(width, height);
  if (!surface) return nullptr;
  auto stage = Stage::make(std::move(*surface), options);
  if (!stage) return nullptr;
  (*stage)->save_into(testing::TempDir());
  return std::move(*stage);
}

TEST(RandomInput, never_ends_the_window) {
  using Clock = std::chrono::steady_clock;
  const std::int64_t seconds = from_environment("FOURTUPLE_RANDOM_SECONDS", 3);
  const std::int64_t seed = from_environment("FOURTUPLE_RANDOM_SEED", 1);
  SCOPED_TRACE("seed " + std::to_string(seed));
  Hand hand(static_cast<std::uint64_t>(seed));
  const auto end = Clock::now() + std::chrono::seconds(seconds);
  std::uint64_t frames = 0, windows = 0, sizes = 0;
  while (Clock::now() < end) {
    int width = 0, height = 0;
    const auto stage = open_window(hand, width, height);
    ASSERT_TRUE(stage);
    ++windows;
    stage->open(source_dir + whole_files[hand.below(6)]);
    for (int i = 0; i < 400 && Clock::now() < end; ++i, ++frames) {
      viz::InputEvents events = hand.next(width, height);
      if (hand.one_in(120)) {
        viz::InputEvent drop;
        drop.kind = InputKind::file_drop;
        drop.text = hand.file();
        events.push_back(drop);
      }
      if (hand.one_in(60)) {
        width = 320 + static_cast<int>(hand.below(1300));
        height = 320 + static_cast<int>(hand.below(800));
        ASSERT_TRUE(stage->surface().resize({width, height}));
        ++sizes;
      }
      stage->frame(events, hand.one_in(10) ? 500'000 : 16'667);
    }
    const viz::Image picture = stage->surface().read_pixels();
    EXPECT_EQ(picture.width, width);
    EXPECT_EQ(picture.height, height);
  }
  EXPECT_GT(frames, 0u);
  std::printf("%llu frames in %llu windows of %llu sizes\n", static_cast<unsigned long long>(frames),
              static_cast<unsigned long long>(windows), static_cast<unsigned long long>(windows + sizes));
}

}  // namespace
}  // namespace fourtuple::app
