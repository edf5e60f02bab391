// The ranges and defaults of settings and socket options are those the kernel accepts and has:
// tests/data/kernel/sockets/connection_ranges.csv. Of settings in seconds, which Linux lets be negative, a scenario
// takes those that mean a time.
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <sstream>

#include "sim/stack/options.h"
#include "sim/stack/syscalls.h"
#include "sim/world/driver.h"
#include "sim/world/scenario/keys.h"
#include "tests/sim/world/scenario/support.h"

namespace fourtuple::world {
namespace {

struct Range {
  std::int64_t least = 0, most = 0, usual = 0;
};

const std::map<std::string, Range>& kernel_ranges() {
  static const std::map<std::string, Range> ranges = [] {
    std::map<std::string, Range> read;
    std::ifstream file(FT_SOURCE_DIR "/tests/data/kernel/sockets/connection_ranges.csv");
    std::string line, name;
    std::getline(file, line);
    while (std::getline(file, line)) {
      std::istringstream cells(line);
      std::getline(cells, name, ',');
      Range& range = read[name];
      char comma = 0;
      cells >> range.least >> comma >> range.most >> comma >> range.usual;
    }
    return read;
  }();
  return ranges;
}

TEST(ConnectionRanges, settings_take_what_the_kernel_takes) {
  int compared = 0;
  for (const Object* object : all_objects()) {
    if (object->name != "sysctl") continue;
    for (const auto& [name, range] : kernel_ranges()) {
      const Key* key = object->find(name);
      if (key == nullptr) continue;
      EXPECT_EQ(key->least, std::max<std::int64_t>(range.least, 0)) << name;
      EXPECT_EQ(key->most, range.most) << name;
      ++compared;
    }
  }
  EXPECT_EQ(compared, 13);
}

TEST(ConnectionRanges, a_host_starts_with_the_kernels_settings) {
  const stack::Sysctls ours;
  const auto usual = [](const char* name) { return kernel_ranges().at(name).usual; };
  EXPECT_EQ(ours.somaxconn, usual("somaxconn"));
  EXPECT_EQ(ours.max_syn_backlog, usual("tcp_max_syn_backlog"));
  EXPECT_EQ(ours.syncookies, usual("tcp_syncookies"));
  EXPECT_EQ(ours.abort_on_overflow, usual("tcp_abort_on_overflow") != 0);
  EXPECT_EQ(ours.patience.syn_retries, usual("tcp_syn_retries"));
  EXPECT_EQ(ours.patience.syn_linear_timeouts, usual("tcp_syn_linear_timeouts"));
  EXPECT_EQ(ours.patience.synack_retries, usual("tcp_synack_retries"));
  EXPECT_EQ(ours.patience.fin_timeout, seconds(usual("tcp_fin_timeout")));
  EXPECT_EQ(ours.patience.data_retries, usual("tcp_retries2"));
  EXPECT_EQ(ours.patience.orphan_retries, usual("tcp_orphan_retries"));
  EXPECT_EQ(ours.patience.keep_alive_time, seconds(usual("tcp_keepalive_time")));
  EXPECT_EQ(ours.patience.keep_alive_interval, seconds(usual("tcp_keepalive_intvl")));
  EXPECT_EQ(ours.patience.keep_alive_probes, usual("tcp_keepalive_probes"));
}

TEST(ConnectionRanges, options_take_what_the_kernel_takes) {
  const ParseResult parsed = parse_scenario(two_hosts(), "two.yaml");
  trace::Trace trace(trace::Level::facts);
  World world(parsed.scenario, 1, trace);
  stack::Context c = WorldDriver{world, trace}.context();
  const ProcessId process = stack::start_process(c, HostId{0}, {}, {}, 0, 100);
  const stack::Result made = stack::sys_socket(c, process, Protocol::tcp, Family::ipv4);
  const auto taken = [&](stack::SocketOption option, std::int64_t value) {
    const auto number = static_cast<std::int32_t>(value);
    return stack::sys_set_option(c, process, made.value, option, number).error == state::Errno::ok;
  };
  using stack::SocketOption;
  for (const auto& [name, option] : {std::pair{"TCP_KEEPIDLE", SocketOption::keep_idle},
                                     {"TCP_KEEPINTVL", SocketOption::keep_interval},
                                     {"TCP_KEEPCNT", SocketOption::keep_count},
                                     {"TCP_SYNCNT", SocketOption::syn_count},
                                     {"TCP_USER_TIMEOUT", SocketOption::user_timeout}}) {
    const Range range = kernel_ranges().at(name);
    EXPECT_TRUE(taken(option, range.least)) << name;
    EXPECT_TRUE(taken(option, range.most)) << name;
    EXPECT_FALSE(taken(option, range.least - 1)) << name;
    if (range.most < INT32_MAX) {
      EXPECT_FALSE(taken(option, range.most + 1)) << name;
    }
  }
}

TEST(ConnectionRanges, a_scenario_names_options_in_units_of_time) {
  const auto errors = [](const std::string& options) {
    return error_lines(parse_scenario(
        two_hosts("timeline:\n  - { at: 1 s, process: a/app, connect: \"b:80\", as: c, " + options + " }\n"),
        "two.yaml"));
  };
  EXPECT_TRUE(errors("keep-alive: { idle: 10 s, interval: 1 s, count: 3 }, user-timeout: 5 s, syn-count: 2").empty());
  EXPECT_TRUE(errors("keep-alive: true").empty());
  EXPECT_EQ(errors("keep-alive: { idle: 1500 ms }").size(), 1u);
  EXPECT_EQ(errors("keep-alive: { interval: 10 h }").size(), 1u);
  EXPECT_EQ(errors("keep-alive: { count: 128 }").size(), 1u);
  EXPECT_EQ(errors("user-timeout: 1 us").size(), 1u);
  EXPECT_EQ(errors("syn-count: 0").size(), 1u);
}

}  // namespace
}  // namespace fourtuple::world
