// The commands of `nft -f`.
#include "tests/sim/netfilter/nft/read.h"

namespace fourtuple::nft {
namespace {

using test::messages;
using test::read;

Command one(const std::string& text) {
  Script script = read(text);
  EXPECT_EQ(script.commands.size(), 1u) << text;
  return script.commands.empty() ? Command() : std::move(script.commands[0]);
}

TEST(ParseCommand, tables_and_chains) {
  EXPECT_EQ(one("add table ip6 t").table.family, TableFamily::ip6);
  EXPECT_TRUE(one("create table t").create);
  EXPECT_EQ(one("table t").kind, CommandKind::table);
  const Command chain = one("add chain inet t c { type filter hook input priority 0; policy drop; }\n");
  EXPECT_EQ(chain.kind, CommandKind::chain);
  EXPECT_FALSE(chain.table.chains[0].hook->accept);
  EXPECT_EQ(one("chain t c").table.chains[0].name, "c");
  const Command rename = one("rename chain t a b");
  EXPECT_EQ(rename.kind, CommandKind::rename_chain);
  EXPECT_EQ(rename.table.chains[1].name, "b");
}

TEST(ParseCommand, rules_and_their_places) {
  for (const char* text : {"add rule ip t c accept", "rule ip t c accept", "ip t c accept", "add t c accept"}) {
    const Command command = one(text);
    EXPECT_EQ(command.kind, CommandKind::rule) << text;
    EXPECT_EQ(command.table.chains[0].rules.size(), 1u) << text;
  }
  const Command index = one("add rule t c index 3 accept");
  EXPECT_TRUE(index.position_is_index);
  EXPECT_EQ(index.position, 3u);
  EXPECT_EQ(one("add rule t c handle 5 accept").position, 5u);
  const Command insert = one("insert rule t c position 4 accept comment \"x\"");
  EXPECT_TRUE(insert.at_front);
  EXPECT_EQ(insert.position, 4u);
  EXPECT_EQ(insert.table.chains[0].rules[0].comment, "x");
  const Command replace = one("replace rule t c handle 7 drop");
  EXPECT_TRUE(replace.replace);
  EXPECT_EQ(replace.position, 7u);
  const Command remove = one("delete rule t c handle 9");
  EXPECT_EQ(remove.kind, CommandKind::delete_rule);
  EXPECT_EQ(remove.position, 9u);
}

TEST(ParseCommand, sets_and_elements) {
  EXPECT_EQ(one("add set t s { type ipv4_addr; }").kind, CommandKind::set);
  EXPECT_TRUE(one("add map t m { type ipv4_addr : mark; }").table.sets[0].is_map);
  const Script script = read(
      "add set t s { type ipv4_addr; }\nadd element t s { 10.0.0.1, 10.0.0.2 }\ndelete element t s { 10.0.0.1 }\n"
      "add map t m { type mark : verdict; }\nadd element t m { 1 : drop }\ndelete element t m { 1 }\n");
  EXPECT_EQ(script.commands[1].kind, CommandKind::element);
  EXPECT_EQ(script.commands[1].table.sets[0].elements[1].parts[0].type, Type::ipv4_addr);
  EXPECT_EQ(script.commands[2].kind, CommandKind::delete_element);
  EXPECT_EQ(script.commands[4].table.sets[0].elements[0].parts[1].verdict.kind, VerdictKind::drop);
  EXPECT_EQ(script.commands[5].table.sets[0].elements[0].parts[0].type, Type::mark);
}

TEST(ParseCommand, elements_of_a_set_from_elsewhere_wait_for_its_type) {
  Script script = read("add element t s { 10.0.0.1,\n 10.0.0.300 }\n");
  std::vector<Expr>& elements = script.commands[0].table.sets[0].elements;
  EXPECT_EQ(elements[0].parts[0].type, Type::invalid);
  EXPECT_EQ(elements[0].parts[0].text, "10.0.0.1");
  Set definition;
  definition.key = {Type::ipv4_addr};
  const std::vector<Error> errors = type_elements(script, elements, definition);
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].to_string(),
            "ruleset:2:2: error: '10.0.0.300' is no ipv4_addr; expected an IPv4 address such as 192.0.2.1");
  EXPECT_EQ(elements[0].parts[0].value, Value(0x0a000001));
}

TEST(ParseCommand, objects_with_and_without_braces) {
  EXPECT_EQ(one("add counter t c").table.objects[0].kind, ObjectKind::counter);
  EXPECT_EQ(one("add counter t c packets 5 bytes 6").table.objects[0].value.bytes, 6u);
  EXPECT_EQ(one("add counter t c { packets 5 bytes 6; }").table.objects[0].value.packets, 5u);
  EXPECT_TRUE(one("add quota t q over 5 bytes").table.objects[0].value.over);
  EXPECT_EQ(one("add limit t l rate 5/second").table.objects[0].value.rate.amount, 5u);
  EXPECT_EQ(one("add ct helper t h { type \"ftp\" protocol tcp; }").table.objects[0].kind, ObjectKind::ct_helper);
  EXPECT_EQ(one("add synproxy t s mss 1460 wscale 7").table.objects[0].body, "mss 1460\nwscale 7");
  EXPECT_EQ(one("add flowtable t f { hook ingress priority 0; devices = { lo }; }").table.flowtables.size(), 1u);
}

TEST(ParseCommand, deletions) {
  EXPECT_EQ(one("delete table inet t").kind, CommandKind::delete_table);
  EXPECT_EQ(one("delete table handle 5").position, 5u);
  EXPECT_EQ(one("delete chain t c").kind, CommandKind::delete_chain);
  EXPECT_EQ(one("delete chain t handle 5").position, 5u);
  EXPECT_EQ(one("delete set t s").kind, CommandKind::delete_set);
  EXPECT_EQ(one("delete map t s").table.sets[0].name, "s");
  EXPECT_EQ(one("delete counter t c").kind, CommandKind::delete_object);
  EXPECT_EQ(one("delete ct helper t h").table.objects[0].kind, ObjectKind::ct_helper);
  EXPECT_EQ(one("delete flowtable t f").table.flowtables[0].name, "f");
  EXPECT_TRUE(one("destroy table t").if_exists);
}

TEST(ParseCommand, flush_reset_and_list) {
  EXPECT_EQ(one("flush ruleset").kind, CommandKind::flush_ruleset);
  EXPECT_EQ(one("flush ruleset ip6").only_family, TableFamily::ip6);
  EXPECT_EQ(one("flush table t").kind, CommandKind::flush_table);
  EXPECT_EQ(one("flush chain t c").kind, CommandKind::flush_chain);
  EXPECT_EQ(one("flush set t s").kind, CommandKind::flush_set);
  const Command reset = one("reset counters table inet t");
  EXPECT_EQ(reset.kind, CommandKind::reset);
  EXPECT_EQ(reset.table.name, "t");
  EXPECT_EQ(reset.table.objects[0].kind, ObjectKind::counter);
  EXPECT_EQ(one("reset quota t q").table.objects[0].name, "q");
  for (const char* text :
       {"list ruleset", "list table t", "list chain ip t c", "list counters table t", "list sets",
        "list ct helpers table t", "get element t s { 1 }", "list hooks ip device lo", "describe tcp dport"})
    EXPECT_EQ(one(text).kind, CommandKind::list) << text;
}

TEST(ParseCommand, several_on_a_line) {
  EXPECT_EQ(read("add table t; add chain t c; t c accept\n").commands.size(), 3u);
  EXPECT_EQ(read("\n\n;;\nflush ruleset\n\n").commands.size(), 1u);
}

}  // namespace
}  // namespace fourtuple::nft
