#include "sim/trace/file.h"

#include <cstdio>
#include <filesystem>
#include <gtest/gtest.h>

#include "sim/base/random.h"
#include "sim/trace/difference.h"
#include "sim/trace/digest.h"
#include "tests/sim/support/random_history.h"

namespace fourtuple::trace {
namespace {

using fourtuple::test::add_random_history;
using fourtuple::test::TraceBuilder;

void fill(TraceBuilder& builder, std::uint32_t events) {
  add_random_history(builder, 6, events);
  Tables& tables = builder.trace().mutable_tables();
  tables.title = "Two clients";
  tables.scenario_text = "hosts: []\n";
  tables.seed = 42;
  tables.epoch_ns = -5;
  tables.contents.push_back({"GET /"});
  tables.commands.push_back({tables.strings.intern("anna: connect"), 7});
  tables.captions.push_back({Time{5}, "Look", "A packet."});
  tables.notes = {"one", ""};
  IpAddress gateway = IpAddress::v4(0x0a0000fe);
  tables.topology.hosts[0].routes.push_back({{gateway, 0}, tables.addresses.intern(gateway), {0}});
  tables.topology.networks[0].loss = {1, 100};
}

std::string reload_error(const std::string& bytes) {
  const auto loaded = load_from_memory(bytes, "x.trace");
  return loaded ? "" : loaded.error().to_string();
}

void reseal(std::string& bytes) {
  const std::uint64_t sum = file_checksum(std::string_view(bytes).substr(0, bytes.size() - 8));
  for (std::size_t i = 0; i < 8; ++i) bytes[bytes.size() - 8 + i] = static_cast<char>(sum >> (8 * i));
}

TEST(TraceFile, comes_back_as_it_was) {
  TraceBuilder builder(Level::expressions, 4);
  fill(builder, 40'000);
  const std::string bytes = save_to_string(builder.trace());
  const auto loaded = load_from_memory(bytes, "x.trace");
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  EXPECT_EQ(loaded->published(), builder.trace().published());
  EXPECT_EQ(loaded->end_time(), builder.trace().end_time());
  EXPECT_FALSE(first_difference(builder.trace(), *loaded, Compared::everything));
  EXPECT_EQ(digest_of(*loaded), digest_of(builder.trace()));
  EXPECT_EQ(save_to_string(*loaded), bytes);
  const Tables& tables = loaded->tables();
  EXPECT_EQ(tables.title, "Two clients");
  EXPECT_EQ(tables.seed, 42u);
  EXPECT_EQ(tables.captions[0].text, "A packet.");
  EXPECT_EQ(tables.strings[tables.commands[0].words], "anna: connect");
  EXPECT_EQ(tables.topology.hosts[0].routes.size(), 1u);
}

TEST(TraceFile, goes_through_the_disk) {
  TraceBuilder builder(Level::expressions, 4);
  fill(builder, 500);
  const std::string path = ::testing::TempDir() + "trace_file_test.trace";
  ASSERT_TRUE(save(builder.trace(), path));
  EXPECT_FALSE(std::filesystem::exists(path + ".part"));
  const auto loaded = load(path);
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  EXPECT_EQ(digest_of(*loaded), digest_of(builder.trace()));
  std::remove(path.c_str());
  EXPECT_FALSE(load(path));
  EXPECT_FALSE(save(builder.trace(), "/nowhere/at/all"));
}

TEST(TraceFile, an_empty_trace_is_a_trace) {
  const auto loaded = load_from_memory(save_to_string(Trace()), "x");
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  EXPECT_EQ(loaded->published(), 0u);
}

TEST(TraceFile, every_truncation_is_refused_in_words) {
  TraceBuilder builder(Level::expressions, 4);
  fill(builder, 60);
  const std::string bytes = save_to_string(builder.trace());
  ASSERT_EQ(reload_error(bytes), "");
  for (std::size_t size = 0; size < bytes.size(); ++size)
    ASSERT_NE(reload_error(bytes.substr(0, size)), "") << "at " << size;
  EXPECT_NE(reload_error(bytes.substr(0, bytes.size() - 100)).find("ends early"), std::string::npos);
  EXPECT_NE(reload_error(bytes + "x").find("behind the end"), std::string::npos);
  EXPECT_NE(reload_error("PNG").find("not a trace file"), std::string::npos);
}

TEST(TraceFile, every_changed_byte_is_noticed) {
  TraceBuilder builder(Level::expressions, 4);
  fill(builder, 60);
  const std::string bytes = save_to_string(builder.trace());
  ASSERT_EQ(reload_error(bytes), "");
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
    ASSERT_NE(reload_error(damaged), "") << "at " << at;
  }
}

TEST(TraceFile, damage_under_a_correct_checksum_is_refused_or_harmless) {
  TraceBuilder builder(Level::expressions, 3);
  add_random_history(builder, 8, 200, 3);
  builder.trace().mutable_tables().notes = {"a note"};
  const std::string bytes = save_to_string(builder.trace());
  ASSERT_EQ(reload_error(bytes), "");
  Random random(1, "damage");
  int refused = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string damaged = bytes;
    for (std::uint64_t n = 1 + random.below(3); n > 0; --n)
      damaged[40 + random.below(damaged.size() - 48)] = static_cast<char>(random.next());
    reseal(damaged);
    const auto loaded = load_from_memory(damaged, "x");
    refused += loaded ? 0 : 1;
  }
  EXPECT_GT(refused, 100);
}

TEST(Digest, does_not_depend_on_the_level_of_detail) {
  std::uint64_t digests[3];
  std::uint64_t sizes[3];
  for (int i = 0; i < 3; ++i) {
    TraceBuilder builder(static_cast<Level>(i + 1), 4);
    add_random_history(builder, 9, 2000);
    digests[i] = digest_of(builder.trace());
    sizes[i] = builder.trace().published();
  }
  EXPECT_LT(sizes[0], sizes[2]);
  EXPECT_EQ(digests[0], digests[1]);
  EXPECT_EQ(digests[0], digests[2]);
}

TEST(Digest, is_the_same_on_every_machine) {
  TraceBuilder builder(Level::facts, 2);
  builder.send(1, 0, 1, builder.tcp(0, 1, 4000, 80, TcpFlag::syn, 7));
  EXPECT_EQ(digest_text(digest_of(builder.trace())), "801dfb06d2111141");
  builder.send(2, 0, 1, builder.tcp(0, 1, 4000, 80, TcpFlag::syn, 7));
  EXPECT_NE(digest_text(digest_of(builder.trace())), "801dfb06d2111141");
}

TEST(Difference, names_the_first_record_that_differs) {
  TraceBuilder a, b;
  a.send(1000, 0, 1, a.tcp(0, 1, 4000, 80, TcpFlag::syn, 7));
  b.send(1000, 0, 1, b.tcp(0, 1, 4000, 80, TcpFlag::syn, 7));
  EXPECT_FALSE(first_difference(a.trace(), b.trace()));
  a.add(2000, 1, PacketDelivered{{0}, {}, MatchQuality::none, 0, {}});
  const auto ended = first_difference(a.trace(), b.trace());
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->number, 2u);
  EXPECT_EQ(ended->time, Time{2'000'000});
  EXPECT_EQ(ended->b, "(the trace ends here)");
  b.add(2000, 1, PacketDropped{{0}, DropReason::no_socket, Stage::transport_lookup, {}, {}});
  EXPECT_EQ(first_difference(a.trace(), b.trace())->to_string(),
            "first difference at record 2, 0.002 000 s\n"
            "  a: 0.002 000 s      server  TCP 4000→80 [SYN] seq 7, delivered to the kernel\n"
            "  b: 0.002 000 s      server  TCP 4000→80 [SYN] seq 7, refused: nothing listens on 80 (RST)\n");
}

TEST(Difference, ignores_detail_unless_asked) {
  TraceBuilder a(Level::stages), b(Level::stages);
  a.add(1, 0, StageEntered{{0}, Stage::routing, {}});
  b.add(1, 0, StageEntered{{0}, Stage::input, {}});
  EXPECT_FALSE(first_difference(a.trace(), b.trace()));
  EXPECT_TRUE(first_difference(a.trace(), b.trace(), Compared::everything));
}

}  // namespace
}  // namespace fourtuple::trace
