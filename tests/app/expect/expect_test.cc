#include "app/expect/expect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/session.h"
#include "tests/app/support/sample.h"

namespace fourtuple::app {
namespace {

using testing::HasSubstr;

// The verdict on one expectation of the sample scenario.
Verdict verdict_on(const std::string& expectation, std::optional<Time> until = std::nullopt) {
  const auto parsed = world::parse_scenario(sample_expecting("  - " + expectation + "\n"), "sample.yaml");
  for (const Error& error : parsed.errors) ADD_FAILURE() << error.to_string();
  if (!parsed.ok()) return {};
  ScenarioRun run(parsed.scenario, parsed.scenario.seed, level_needed(parsed.scenario), until);
  run_to_end(run);
  Evidence evidence(parsed.scenario, run.world().script(), run.trace(), run.now(), run.cut_short());
  return judge(evidence).at(0);
}

struct Case {
  std::string expectation;
  std::string found;  // "" when met
};
// Not met, in words that another test looks at.
const std::string somehow = "*";

void check(std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.expectation);
    const Verdict verdict = verdict_on(c.expectation);
    if (c.found == somehow) {
      EXPECT_NE(verdict.found, "");
    } else {
      EXPECT_EQ(verdict.found, c.found);
    }
    EXPECT_EQ(verdict.result == Verdict::Result::met, verdict.found.empty());
  }
}

TEST(Expectations, of_a_socket_look_at_its_state_and_ends) {
  check({
      {"{ at: 150 ms, socket: a, state: ESTABLISHED }", ""},
      {"{ at: 50 ms, socket: a, state: ESTABLISHED }", "the socket did not exist yet"},
      {"{ at: 102 ms, socket: a, state: ESTABLISHED }", "it was in SYN-SENT"},
      {"{ socket: a, state: TIME-WAIT }", ""},
      {"{ at: 150 ms, socket: web, state: LISTEN }", ""},
      {"{ at: 150 ms, socket: a, open: true, fd: 3 }", ""},
      {"{ at: 150 ms, socket: a, fd: 4 }", "its descriptor was 3"},
      {"{ at: 150 ms, socket: a, open: false }", "it was open, descriptor 3"},
      {"{ socket: a, open: false }", ""},
      {"{ socket: a, open: true }", "no process held it"},
      {"{ at: 150 ms, socket: a, local: \"client:50432\", remote: \"server:80\" }", ""},
      {"{ at: 150 ms, socket: a, local: { port: 1024-65535, not-port: 50432 } }", "its own end was 192.0.2.1:50432"},
      {"{ at: 150 ms, socket: a, remote: \"192.0.2.0/25\" }", ""},
      {"{ at: 150 ms, socket: a, remote: \"198.51.100.0/24\" }", "its peer was 192.0.2.2:80"},
      {"{ at: 150 ms, socket: a, peer-sees: \"192.0.2.1:50432\" }", ""},
      {"{ at: 150 ms, socket: a, peer-sees: \"192.0.2.1:50433\" }", "its peer saw 192.0.2.1:50432"},
      {"{ at: 102 ms, socket: a, peer-sees: \"192.0.2.1:50432\" }", "nothing it sent had reached its peer"},
  });
}

TEST(Expectations, of_errors_name_what_a_call_said) {
  check({
      {"{ socket: refused, error: ECONNREFUSED }", ""},
      {"{ socket: refused, error: ETIMEDOUT }", "the error was ECONNREFUSED (Connection refused)"},
      {"{ socket: a, error: ECONNRESET }", "there was no error"},
      {"{ process: client/other, call: connect, error: ECONNREFUSED }", ""},
      {"{ process: client/other, call: connect }",
       "its only call, at 0.410 102 400 s, failed with ECONNREFUSED (Connection refused)"},
      {"{ process: client/browser, call: connect }", ""},
      {"{ process: client/browser, call: connect, nth: 2 }", "it called connect only 1 time"},
      {"{ process: client/browser, call: bind, error: EACCES }", "its only call, at 0.100 000 s, succeeded"},
      {"{ process: client/browser, call: listen }", "it never called listen"},
      {"{ process: client/other, call: bind, error: EACCES }", ""},
      {"{ process: server/local, call: bind, error: EADDRINUSE }", ""},
      {"{ process: server/local, call: bind, nth: 1, error: EADDRINUSE }", "that call, at 0.000 000 s, succeeded"},
      {"{ process: client/other, call: sendto, nth: 1 }", ""},
  });
}

TEST(Expectations, of_a_packet_follow_it_to_its_fate) {
  check({
      {"{ packet: { socket: a, flags: SYN }, delivered-to: server/httpd, matched: wildcard-listener }", ""},
      {"{ packet: { socket: a, flags: SYN }, delivered-to: server, answered-with: nothing }", somehow},
      {"{ packet: { socket: refused, flags: SYN }, dropped-by: no-socket, answered-with: RST }", ""},
      {"{ packet: { socket: refused, flags: SYN }, dropped-by: { host: client } }", somehow},
      {"{ packet: { socket: v }, dropped-by: { host: server, reason: no-socket }, answered-with: port-unreachable }",
       ""},
      {"{ packet: { socket: u, from: client }, delivered-to: server/echod }", ""},
      {"{ packet: { socket: u, from: server }, delivered-to: client/other }", ""},
      {"{ packet: { socket: a, flags: RST } }", "no such packet was sent"},
      {"{ packet: { socket: a, flags: SYN, nth: 2 } }", "only 1 such packet was sent"},
      {"{ packet: { socket: a, flags: SYN, dropped: link-loss } }", "no such packet met that fate; 1 met another"},
      {"{ packets: { flags: RST }, count: 1 }", ""},
      {"{ packets: { protocol: udp }, count: 7 }", "there were 3"},
      {"{ packets: { protocol: icmp }, at-least: 2 }", "there was 1"},
      {"{ packets: { network: wire, sent-by: client, flags: SYN }, count: 2 }", ""},
  });
}

TEST(Expectations, of_a_packet_tell_what_became_of_it) {
  const Verdict delivered = verdict_on("{ packet: { socket: a, flags: SYN }, dropped-by: no-socket }");
  EXPECT_THAT(delivered.found, HasSubstr("of 0.100 000 s reached httpd on server (wildcard-listener)"));
  const Verdict dropped = verdict_on("{ packet: { socket: refused, flags: SYN }, delivered-to: server/httpd }");
  EXPECT_THAT(dropped.found, HasSubstr("was dropped at server: nothing listens on that port"));
  const Verdict answered = verdict_on("{ packet: { socket: v }, answered-with: host-unreachable }");
  EXPECT_THAT(answered.found, HasSubstr("the answer was ICMP port unreachable"));
}

TEST(Expectations, of_what_was_read_compare_the_bytes) {
  check({
      {"{ process: server/httpd, received: \"GET / HTTP/1.1\\r\\n\\r\\n\" }", ""},
      {"{ process: server/httpd, received: { bytes: 18 } }", ""},
      {"{ process: server/httpd, received: \"GET\" }", "it had read \"GET / HTTP/1.1\\r\\n\\r\\n\""},
      {"{ at: 150 ms, process: server/httpd, received: \"GET\" }", "it had read nothing"},
      {"{ process: server/echod, received: \"ping\" }", ""},
      {"{ socket: a, received: { bytes: 5 } }", "it had read 43 bytes"},
  });
}

TEST(Expectations, of_an_instant_count_and_find) {
  check({
      {"{ sockets: { host: server, protocol: tcp, state: LISTEN }, count: 2 }", ""},
      {"{ at: 150 ms, sockets: { process: server/httpd, port: 80 }, count: 1 }", "there were 2"},
      {"{ listening: \"server:80\" }", ""},
      {"{ listening: \"192.0.2.2:80\" }", ""},
      {"{ listening: \"server:9000\" }", "only 127.0.0.1:9000 on server listened"},
      {"{ listening: \"127.0.0.1:9000\" }", ""},
      {"{ not-listening: \"server:9000\" }", ""},
      {"{ not-listening: \"server:80\" }", "httpd listened there"},
      {"{ at: 650 ms, listening: \"server:7\", protocol: udp }", ""},
      {"{ at: 750 ms, listening: \"server:7\", protocol: udp }", "nothing listened there"},
      {"{ at: 650 ms, running: server/echod }", ""},
      {"{ at: 750 ms, running: server/echod }", "it was not running"},
      {"{ not-running: server/late }", ""},
      {"{ not-running: server/httpd }", "it was running"},
  });
}

TEST(Expectations, are_not_failed_by_a_run_cut_short) {
  const Time until{milliseconds(120).ns};
  EXPECT_EQ(verdict_on("{ at: 1 s, socket: a, state: LISTEN }", until).result, Verdict::Result::not_reached);
  EXPECT_EQ(verdict_on("{ socket: a, state: LISTEN }", until).result, Verdict::Result::not_reached);
  EXPECT_EQ(verdict_on("{ at: 115 ms, socket: a, state: LISTEN }", until).result, Verdict::Result::failed);
  EXPECT_EQ(verdict_on("{ at: 115 ms, socket: a, state: ESTABLISHED }", until).result, Verdict::Result::met);
}

TEST(Expectations, are_said_in_words) {
  EXPECT_EQ(verdict_on("{ at: 300 ms, socket: a, state: ESTABLISHED, fd: 3 }").expected,
            "at 0.300 000 s socket a is in ESTABLISHED, is descriptor 3");
  EXPECT_EQ(verdict_on("{ packet: { socket: v, protocol: udp }, dropped-by: no-socket }").expected,
            "a packet (UDP, of socket v) is dropped: nothing listens on that port");
  EXPECT_EQ(verdict_on("{ packets: { flags: RST }, count: 1 }").expected, "1 packet (RST) is sent");
  EXPECT_EQ(verdict_on("{ process: client/other, call: bind, error: EACCES }").expected,
            "other on client calls bind: a call fails with EACCES (Permission denied)");
}

TEST(Expectations, ask_for_no_more_detail_than_they_need) {
  const auto needed = [](const std::string& expectation) {
    return level_needed(world::parse_scenario(sample_expecting("  - " + expectation + "\n"), "sample.yaml").scenario);
  };
  EXPECT_EQ(needed("{ packets: { flags: RST }, count: 1 }"), trace::Level::facts);
  EXPECT_EQ(needed("{ process: server/echod, received: \"ping\" }"), trace::Level::stages);
}

}  // namespace
}  // namespace fourtuple::app
