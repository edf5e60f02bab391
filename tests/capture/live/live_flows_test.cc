#include "capture/live/live_flows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/importer.h"
#include "capture/live/frame_keeper.h"
#include "tests/capture/machine_data.h"
#include "tests/support/temporary_folder.h"

namespace fourtuple::capture {
namespace {

using namespace test;
using ::testing::ElementsAre;

std::vector<LocalInterface> loopback() {
  return {{"lo", true, true, {*IpAddress::parse("127.0.0.1"), *IpAddress::parse("::1")}}};
}

// The stored packets as if they came now, on the stored machine.
class LiveFlowsTest : public ::testing::Test {
 protected:
  void feed(FrameKeeper* keeper = nullptr) {
    ASSERT_TRUE(flows.look(0).has_value());
    auto reader = open_capture(machine_path("lo.pcap"));
    ASSERT_TRUE(reader.has_value());
    Frame frame;
    for (std::int64_t now_ns = 1; (*reader)->next(frame); ++now_ns) {
      const FrameView& view = flows.add(frame);
      if (keeper != nullptr) keeper->add(frame, view, flows, now_ns);
    }
  }
  std::vector<std::string> names() {
    std::vector<std::string> lines;
    for (std::uint32_t i = 0; i < flows.flows().size(); ++i)
      lines.push_back(owner_text(flows.owners(i)[0], flows.processes()) + " > " +
                      owner_text(flows.owners(i)[1], flows.processes()));
    return lines;
  }

  ChangedProc proc;
  MachineWatch watch{proc.root().string()};
  LiveFlows flows{watch, loopback()};
};

constexpr std::int64_t second = 1'000'000'000;

TEST_F(LiveFlowsTest, conversations_find_the_processes_at_both_ends) {
  feed();
  EXPECT_THAT(names(), ElementsAre(" > ", " > ", " > ", " > ", " > ", " > "));
  ASSERT_TRUE(flows.look(second).has_value());
  EXPECT_THAT(names(), ElementsAre("client[11] > worker[10]", "dual[12] > dual[12]", "dual[12] > dual[12]",
                                   "udp[13] > udp[13]", " > closer[14]~", "closer[14] > closer[14]"));
  EXPECT_EQ(flows.unknown(), 1u);
}

TEST_F(LiveFlowsTest, an_end_that_is_not_found_is_given_up_after_a_while) {
  feed();
  ASSERT_TRUE(flows.look(second).has_value());
  EXPECT_TRUE(flows.settled(0));
  EXPECT_FALSE(flows.settled(4));
  ASSERT_TRUE(flows.look(4 * second).has_value());
  EXPECT_TRUE(flows.settled(4));
}

TEST_F(LiveFlowsTest, a_young_connection_follows_its_socket_to_another_process) {
  feed();
  ASSERT_TRUE(flows.look(second).has_value());
  ASSERT_EQ(names()[0], "client[11] > worker[10]");
  const std::filesystem::path descriptor = proc.root() / "10" / "fd" / "6";
  std::filesystem::copy_symlink(descriptor, proc.root() / "13" / "fd" / "20");
  std::filesystem::remove(descriptor);
  ASSERT_TRUE(flows.look(second + second / 10).has_value());
  EXPECT_EQ(names()[0], "client[11] > udp[13]");
}

TEST_F(LiveFlowsTest, the_last_look_asks_all_processes) {
  feed();
  std::filesystem::remove_all(proc.root() / "14");
  ASSERT_TRUE(flows.look(second).has_value());
  EXPECT_EQ(flows.machine().sockets_unnamed, 3u);
  std::filesystem::copy(machine_path("proc/14"), proc.root() / "14",
                        std::filesystem::copy_options::recursive | std::filesystem::copy_options::copy_symlinks);
  ASSERT_TRUE(flows.finish().has_value());
  EXPECT_EQ(flows.machine().sockets_unnamed, 0u);
}

TEST_F(LiveFlowsTest, addresses_that_come_later_are_the_machines_too) {
  EXPECT_FALSE(flows.own(*IpAddress::parse("192.0.2.1")));
  std::vector<LocalInterface> interfaces = loopback();
  interfaces.push_back({"eth0", true, false, {*IpAddress::parse("192.0.2.1")}});
  flows.set_interfaces(interfaces);
  EXPECT_TRUE(flows.own(*IpAddress::parse("192.0.2.1")));
}

TEST_F(LiveFlowsTest, names_are_read_from_packets_and_kept_in_the_file) {
  const TemporaryFolder folder;
  const std::string path = folder.file("kept.pcapng");
  auto keeper = FrameKeeper::create(path, "eth0", LinkType::ethernet);
  auto reader = open_capture(std::string(FT_SOURCE_DIR) + "/tests/captures/names.pcapng");
  ASSERT_TRUE(keeper.has_value() && reader.has_value());
  Frame frame;
  while ((*reader)->next(frame)) keeper->add(frame, flows.add(frame), flows, 1);
  const auto secure = flows.names().best(*IpAddress::parse("10.0.0.4"));
  ASSERT_TRUE(secure.has_value());
  EXPECT_EQ(secure->text, "secure.example.test");
  ASSERT_TRUE(keeper->close(flows).has_value());
  auto kept = open_capture(path);
  ASSERT_TRUE(kept.has_value());
  while ((*kept)->next(frame)) {
  }
  std::vector<std::string> told;
  for (const CaptureName& name : (*kept)->names()) told.push_back(name.address.to_string() + " " + name.name);
  EXPECT_THAT(told, ::testing::UnorderedElementsAre("10.0.0.3 www.example.test", "fd00::3 www.example.test",
                                                    "10.0.0.4 secure.example.test", "10.0.0.5 plain.example.test",
                                                    "10.0.0.1 client.example.test"));
  const auto again = import_capture(path);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->names.best(*IpAddress::parse("10.0.0.4"))->source, NameSource::dns_answer)
      << "what a packet of the file says comes before what the file repeats";
}

TEST_F(LiveFlowsTest, the_kept_file_names_the_processes_again) {
  const TemporaryFolder folder;
  const std::string path = folder.file("kept.pcapng");
  auto keeper = FrameKeeper::create(path, "lo", LinkType::ethernet);
  ASSERT_TRUE(keeper.has_value());
  feed(&*keeper);
  ASSERT_TRUE(flows.look(second).has_value());
  keeper->release(flows, second);
  ASSERT_TRUE(keeper->close(flows).has_value());
  const auto kept = import_capture(path);
  const auto original = import_capture(machine_path("lo.pcap"));
  ASSERT_TRUE(kept.has_value() && original.has_value());
  EXPECT_EQ(kept->interfaces[0].name, "lo");
  ASSERT_EQ(kept->frames.size(), original->frames.size());
  for (std::size_t i = 0; i < kept->frames.size(); ++i) {
    EXPECT_EQ(kept->frames[i].time_ns, original->frames[i].time_ns);
    EXPECT_EQ(kept->frames[i].captured, original->frames[i].captured);
  }
  std::vector<std::string> lines;
  for (const FlowOwners& owners : kept->flow_owners)
    lines.push_back(owner_text(owners[0], kept->owners) + " > " + owner_text(owners[1], kept->owners));
  EXPECT_EQ(lines, names());
}

TEST(LocalInterfacesTest, the_loopback_interface_is_there_with_its_address) {
  const auto interfaces = local_interfaces();
  ASSERT_TRUE(interfaces.has_value());
  const auto lo =
      std::find_if(interfaces->begin(), interfaces->end(), [](const LocalInterface& i) { return i.name == "lo"; });
  ASSERT_NE(lo, interfaces->end());
  EXPECT_TRUE(lo->loopback);
}

}  // namespace
}  // namespace fourtuple::capture
