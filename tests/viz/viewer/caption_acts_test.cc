#include "viz/viewer/caption_acts.h"

#include <gtest/gtest.h>

namespace fourtuple::viz {
namespace {

trace::Tables tables_with(std::initializer_list<const char*> hosts) {
  trace::Tables tables;
  for (const char* name : hosts) {
    trace::HostInfo host;
    host.name = tables.strings.intern(name);
    tables.topology.hosts.push_back(host);
  }
  return tables;
}

struct Expected {
  const char* text;
  std::vector<Command> commands;
  std::uint32_t host;  // of the first; 9: none
};

TEST(CaptionActs, are_what_a_caption_says_to_press) {
  const trace::Tables tables = tables_with({"anna", "router", "web", "machine", "docker-host"});
  for (const Expected& expected : {
           Expected{"He keeps it. Press C to see its table.", {Command::show_conntrack}, 9},
           {"Press X to go there, Y to ask why.", {Command::next_drop, Command::show_why}, 9},
           {"X でそこへ、Y で理由を見ます。", {Command::next_drop, Command::show_why}, 9},
           {"web sends. Press Enter on the router to read the rule.", {Command::into_host}, 1},
           {"Press Enter on web, then on machine, and compare.", {Command::into_host}, 2},
           {"routerでEnterを押すと規則が読めます。", {Command::into_host}, 1},
           {"サーバーでEnterを押すと見えます。", {Command::into_host}, 9},
           {"Press Enter on docker-host.", {Command::into_host}, 4},
           {"Press End for the moment a minute later.", {Command::end}, 9},
           {"The client enters TIME_WAIT. Port 80 of X is open, End of story.", {}, 9},
           {"Press Space.", {}, 9},
           {"", {}, 9},
       }) {
    const std::vector<CaptionAct> acts = caption_acts(expected.text, tables);
    std::vector<Command> commands;
    for (const CaptionAct& act : acts) commands.push_back(act.command);
    EXPECT_EQ(commands, expected.commands) << expected.text;
    if (acts.empty()) continue;
    EXPECT_EQ(acts.front().host.valid() ? acts.front().host.value : 9, expected.host) << expected.text;
  }
}

TEST(CaptionActs, name_the_host_they_lead_into) {
  const trace::Tables tables = tables_with({"anna"});
  const CaptionAct act = caption_acts("Press Enter on anna", tables).at(0);
  EXPECT_EQ(act.key, "Enter");
  EXPECT_EQ(act_words(act, tables, false), "into anna");
  EXPECT_EQ(act_words(act, tables, true), "annaの中へ");
  EXPECT_EQ(act_words({Command::next_drop, HostId::none(), "X"}, tables, false), "next drop");
}

}  // namespace
}  // namespace fourtuple::viz
