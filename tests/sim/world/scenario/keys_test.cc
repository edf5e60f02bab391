#include "sim/world/scenario/keys.h"

#include <fstream>
#include <gtest/gtest.h>
#include <set>

#include "sim/world/scenario/expand.h"
#include "tests/sim/world/scenario/support.h"

namespace fourtuple::world {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST(ScenarioKeys, every_key_is_documented_in_the_section_of_its_object) {
  const std::string document = read_file(FT_SOURCE_DIR "/docs/scenario-format.md");
  for (const Object* object : all_objects()) {
    const std::string heading = "\n### " + std::string(object->name) + "\n";
    const std::size_t begin = document.find(heading);
    ASSERT_NE(begin, std::string::npos) << "no section for " << object->name;
    const std::size_t end = std::min(document.find("\n### ", begin + 1), document.size());
    const std::string section = document.substr(begin, end - begin);
    for (const Key& key : object->keys)
      EXPECT_NE(section.find("\n| `" + std::string(key.name) + "`"), std::string::npos)
          << object->name << "." << key.name;
  }
}

TEST(ScenarioKeys, the_documents_example_is_a_good_scenario) {
  const std::string document = read_file(FT_SOURCE_DIR "/docs/scenario-format.md");
  const std::size_t begin = document.find("```yaml\n") + 8;
  const std::string example = document.substr(begin, document.find("```", begin) - begin);
  EXPECT_EQ(error_lines(parse_scenario(example, "example.yaml")), std::vector<std::string>{});
}

TEST(ScenarioKeys, names_are_unique_and_conditions_name_real_keys) {
  std::set<std::string_view> objects;
  for (const Object* object : all_objects()) {
    EXPECT_TRUE(objects.insert(object->name).second) << object->name;
    std::set<std::string_view> names;
    for (const Key& key : object->keys) {
      EXPECT_TRUE(names.insert(key.name).second) << key.name;
      EXPECT_FALSE(key.doc.empty()) << key.name;
      EXPECT_TRUE(not_available(key.name).empty()) << key.name;
      EXPECT_TRUE(key.form != Form::none || key.object != nullptr) << key.name;
    }
    for (const Key& key : object->keys) {
      std::size_t fitting = 0, listed = key.with.empty() ? 0 : 1;
      for (const char c : key.with) listed += c == ' ';
      for (const Key& other : object->keys) fitting += !key.with.empty() && other.chooses && goes_with(key, other.name);
      EXPECT_EQ(fitting, listed) << object->name << "." << key.name;
    }
  }
}

TEST(ScenarioKeys, the_nearest_word_is_a_slip_away_or_not_offered) {
  const auto near = [](std::string_view word, Words words) { return nearest(word, words_in(words)); };
  EXPECT_EQ(near("ESTABLISHD", Words::tcp_states), "ESTABLISHED");
  EXPECT_EQ(near("time_wait", Words::tcp_states), "TIME-WAIT");
  EXPECT_EQ(near("EADRINUSE", Words::errnos), "EADDRINUSE");
  EXPECT_EQ(near("tpc", Words::protocols), "tcp");
  EXPECT_EQ(near("banana", Words::protocols), "");
  EXPECT_EQ(near("", Words::protocols), "");
  EXPECT_EQ(near(std::string(1000, 'x'), Words::protocols), "");
}

TEST(ExpandedScenario, is_a_scenario_that_expands_to_itself) {
  for (const char* name : {"/scenarios/first_run.yaml", "/scenarios/udp_one_link.yaml"}) {
    const ParseResult first = load_scenario(std::string(FT_SOURCE_DIR) + name);
    ASSERT_EQ(error_lines(first), std::vector<std::string>{});
    const std::string once = expanded(first.scenario);
    const ParseResult second = parse_scenario(once, "expanded.yaml");
    ASSERT_EQ(error_lines(second), std::vector<std::string>{}) << once;
    EXPECT_EQ(expanded(second.scenario), once);
    EXPECT_EQ(second.scenario.timeline.size(), first.scenario.timeline.size());
    EXPECT_EQ(second.scenario.expects.size(), first.scenario.expects.size());
  }
}

TEST(ExpandedScenario, keeps_every_verb_and_trigger) {
  const ParseResult first = parse_scenario(
      two_hosts(
          "timeline:\n"
          "  - { at: 1 ms, process: a/app, socket: udp, as: u, reuse-port: true }\n"
          "  - { at: 2 ms, on: u, bind: \"udp 0.0.0.0:53\" }\n"
          "  - { at: 3 ms, on: u, sendto: { to: \"b:53\", text: \"q\\t\\\"\" }, count: 3, every: 1500 us }\n"
          "  - { after: { packet: { from: b, flags: SYN ACK, nth: 2, fate: delivered } }, process: a/app, ping: b }\n"
          "  - { at: 4 ms, process: a/app, listen: \"[::]:8000\", as: l, v6only: true, backlog: 1 }\n"
          "  - { after: { socket: l, error: EADDRINUSE }, accept: l, as: c }\n"
          "  - { at: 5 ms, on: c, request: { send: { bytes: 10 }, expect: 2 KB } }\n"
          "  - { at: 6 ms, receive: c, bytes: 5 }\n"
          "  - { at: 7 ms, shutdown: c, how: both }\n"
          "  - { at: 8 ms, close: c, linger: 0 }\n"
          "  - { at: 9 ms, link-down: wire }\n"
          "  - { at: 10 ms, link-up: wire }\n"
          "  - { at: 11 ms, set: { ip_local_port_range: 40000 40003 }, host: a }\n"
          "  - { at: 11 ms, set: { ip_local_reserved_ports: \"8080,9000-9010\", tcp_tw_reuse: 1 }, host: a }\n"
          "  - { at: 11 ms, process: a/app, bind: \"tcp 192.0.2.1:0\", free-bind: true, bind-address-no-port: true }\n"
          "  - { at: 12 ms, process: a/app, open: /etc/hosts }\n"
          "  - { at: 13 ms, kill: a/app }\n"
          "  - { at: 14 ms, start: a/app }\n"
          "  - { at: 15 ms, exit: b/web }\n"),
      "t.yaml");
  ASSERT_EQ(error_lines(first), std::vector<std::string>{});
  const std::string once = expanded(first.scenario);
  const ParseResult second = parse_scenario(once, "expanded.yaml");
  ASSERT_EQ(error_lines(second), std::vector<std::string>{}) << once;
  EXPECT_EQ(expanded(second.scenario), once);
  ASSERT_EQ(second.scenario.timeline.size(), first.scenario.timeline.size());
  for (std::size_t i = 0; i < first.scenario.timeline.size(); ++i)
    EXPECT_EQ(second.scenario.timeline[i].verb, first.scenario.timeline[i].verb);
}

}  // namespace
}  // namespace fourtuple::world
