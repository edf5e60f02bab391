#include "sim/world/what_if/what_if.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>

#include "sim/state/errno.h"
#include "sim/trace/codec.h"
#include "sim/trace/difference.h"
#include "sim/world/scenario/parse.h"

namespace fourtuple::world {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view text = R"(fourtuple: 1
seed: 5
until: 5 s
networks: { wan: { delay: 10 ms } }
hosts:
  anna:
    interfaces: { eth0: { network: wan, address: 10.0.0.1/24 } }
    processes: { browser: { user: anna, pid: 1204 } }
  server:
    interfaces: { eth0: { network: wan, address: 10.0.0.2/24 } }
    nft: |
      table inet filter {
      	chain input {
      		type filter hook input priority filter; policy accept;
      		tcp dport 22 counter accept
      		tcp dport 80 counter drop
      	}
      }
    processes: { httpd: { user: root, pid: 80, listen: "tcp 0.0.0.0:80", program: http } }
timeline:
  - { at: 100 ms, process: anna/browser, connect: "server:80", from: 50432, as: a }
)";

struct Made {
  trace::Trace trace{trace::Level::stages};
  std::optional<World> world;
};

class WhatIfTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(parsed_.ok()); }

  Outcome<void> make(Made& run, Time at, const std::vector<std::string>& words) {
    std::vector<Change> changes;
    for (const std::string& one : words) changes.push_back(parse_change(parsed_.scenario, one).value());
    run.world.emplace(parsed_.scenario, parsed_.scenario.seed, run.trace);
    if (at.ns > 0) run.world->run_until(at - nanoseconds(1), run.trace);
    return WhatIf(*run.world, run.trace).make(at, changes);
  }
  // Runs with the changes to the end, which must be possible.
  void run(Made& run, Time at, const std::vector<std::string>& words) {
    const Outcome<void> made = make(run, at, words);
    ASSERT_TRUE(made) << made.error().to_string();
    run.world->run_until(run.world->end(), run.trace);
  }
  std::string fault(Time at, const std::vector<std::string>& words) {
    Made run;
    const Outcome<void> made = make(run, at, words);
    return made ? "made" : made.error().to_string();
  }
  // What connect() was told: its errors in order, EINPROGRESS first.
  static std::vector<state::Errno> connects(const Made& run) {
    std::vector<state::Errno> errors;
    for (std::uint64_t at = run.trace.first(); at < run.trace.published(); at = run.trace.next(at)) {
      if (run.trace.at(at)->kind != trace::Kind::syscall) continue;
      const trace::Syscall call = trace::unpack_syscall(run.trace.at(at));
      if (call.call == trace::Call::connect) errors.push_back(static_cast<state::Errno>(call.error));
    }
    return errors;
  }
  struct Loss {
    PacketId packet;
    Time at;
    trace::DropReason reason;
    bool operator==(const Loss&) const = default;
  };
  static std::vector<Loss> losses(const Made& run) {
    std::vector<Loss> all;
    for (std::uint64_t at = run.trace.first(); at < run.trace.published(); at = run.trace.next(at)) {
      if (run.trace.at(at)->kind != trace::Kind::packet_dropped) continue;
      const trace::PacketDropped drop = trace::unpack_packet_dropped(run.trace.at(at));
      all.push_back({drop.packet, run.trace.at(at)->at, drop.reason});
    }
    return all;
  }

  static constexpr Time ms(std::int64_t n) { return Time{milliseconds(n).ns}; }
  ParseResult parsed_ = parse_scenario(text, "t");
};

TEST_F(WhatIfTest, connects_when_the_rule_that_dropped_is_removed) {
  Made as_it_is, edited;
  run(as_it_is, ms(0), {});
  run(edited, ms(50), {"server: remove rule 2 of inet filter input"});
  EXPECT_THAT(connects(as_it_is), ElementsAre(state::Errno::einprogress));
  EXPECT_THAT(connects(edited), ElementsAre(state::Errno::einprogress, state::Errno::ok));
  const auto first = trace::first_difference(as_it_is.trace, edited.trace, trace::Compared::story);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->time, ms(110));
  EXPECT_THAT(first->a, HasSubstr("dropped by a rule"));
  EXPECT_THAT(first->b, HasSubstr("delivered to httpd"));
}

TEST_F(WhatIfTest, happens_before_anything_else_of_its_instant) {
  Made run_;
  run(run_, ms(110), {"server: remove rule 2 of inet filter input"});
  EXPECT_THAT(losses(run_), IsEmpty());
}

TEST_F(WhatIfTest, replaces_and_inserts_rules_where_they_are_named) {
  Made replaced, inserted, appended;
  run(replaced, ms(50), {"server: replace rule 2 of inet filter input: tcp dport 80 counter accept"});
  EXPECT_EQ(connects(replaced).size(), 2u);
  run(inserted, ms(50), {"server: insert rule 1 of inet filter input: tcp dport 80 accept"});
  EXPECT_EQ(connects(inserted).size(), 2u);
  run(appended, ms(50), {"server: insert rule 3 of inet filter input: tcp dport 80 accept"});
  EXPECT_EQ(connects(appended).size(), 1u);
  const trace::RulesetInfo& rules = appended.trace.tables().rulesets.back();
  ASSERT_EQ(rules.rules.size(), 3u);
  EXPECT_EQ(rules.rules[2].text, "tcp dport 80 accept");
}

TEST_F(WhatIfTest, follows_the_numbers_that_the_changes_before_it_left) {
  Made run_;
  run(run_, ms(50), {"server: remove rule 1 of inet filter input", "server: remove rule 1 of inet filter input"});
  EXPECT_TRUE(run_.trace.tables().rulesets.back().rules.empty());
}

TEST_F(WhatIfTest, loses_a_packet_that_is_on_the_wire_when_it_would_arrive) {
  Made run_;
  run(run_, ms(105), {"drop packet 0"});
  ASSERT_FALSE(losses(run_).empty());
  EXPECT_EQ(losses(run_).front(), (Loss{{0}, ms(110), trace::DropReason::link_fault}));
}

TEST_F(WhatIfTest, loses_a_packet_that_is_yet_to_be_made_when_it_is_sent) {
  Made run_;
  run(run_, ms(50), {"drop packet 0"});
  ASSERT_FALSE(losses(run_).empty());
  EXPECT_EQ(losses(run_).front(), (Loss{{0}, ms(100), trace::DropReason::link_fault}));
}

TEST_F(WhatIfTest, kills_a_process_with_its_listener) {
  Made run_;
  run(run_, ms(50), {"server: kill httpd", "server: flush rules"});
  EXPECT_THAT(connects(run_), ElementsAre(state::Errno::einprogress, state::Errno::econnrefused));
}

TEST_F(WhatIfTest, changes_a_network_from_then_on) {
  Made slower, dead;
  run(slower, ms(50), {"wan: delay 30 ms"});
  EXPECT_EQ(losses(slower).front().at, ms(130));
  run(dead, ms(50), {"wan: down"});
  EXPECT_EQ(losses(dead).front().reason, trace::DropReason::link_failed);
}

TEST_F(WhatIfTest, lets_nothing_overtake_on_a_wire_that_becomes_shorter) {
  Made run_;
  run(run_, ms(105), {"wan: delay 1 ms", "server: flush rules"});
  EXPECT_EQ(connects(run_).size(), 2u);
}

TEST_F(WhatIfTest, sets_what_counts_for_connections_that_exist) {
  Made run_;
  run(run_, ms(150), {"anna: set tcp_syn_retries 1", "anna: set tcp_syn_linear_timeouts 0"});
  EXPECT_THAT(connects(run_), ElementsAre(state::Errno::einprogress, state::Errno::etimedout));
}

TEST_F(WhatIfTest, refuses_what_the_kernel_would_and_changes_nothing) {
  EXPECT_THAT(fault(ms(50), {"server: remove rule 3 of inet filter input"}),
              HasSubstr("there is no rule 3 in 'inet filter input'; expected a rule from 1 to 2"));
  EXPECT_THAT(fault(ms(50), {"server: remove rule 1 of inet filter forward"}),
              HasSubstr("expected one of: inet filter input"));
  EXPECT_THAT(fault(ms(50), {"server: nft add rule inet filter input tcp dprt 22 drop"}), HasSubstr("dprt"));
  EXPECT_THAT(fault(ms(50), {"server: nft delete rule inet filter input handle 77"}), HasSubstr("error:"));
  EXPECT_THAT(fault(ms(0), {"server: kill httpd"}), HasSubstr("httpd does not run on server now"));
  EXPECT_THAT(fault(ms(200), {"drop packet 0"}), HasSubstr("the packet's way is over"));
  Made run_;
  ASSERT_FALSE(make(run_, ms(50), {"wan: down", "server: remove rule 3 of inet filter input"}));
  run_.world->run_until(run_.world->end(), run_.trace);
  Made as_it_is;
  run(as_it_is, ms(0), {});
  EXPECT_FALSE(trace::first_difference(as_it_is.trace, run_.trace, trace::Compared::everything));
}

}  // namespace
}  // namespace fourtuple::world
