// Tables, chains, sets, objects, variables and files.
#include "tests/sim/netfilter/nft/read.h"

namespace fourtuple::nft {
namespace {

using test::messages;
using test::read;
using test::read_table;

TEST(ParseTable, families_flags_and_comment) {
  const std::pair<const char*, TableFamily> families[] = {
      {"", TableFamily::ip},          {"ip", TableFamily::ip},   {"ip6", TableFamily::ip6},
      {"inet", TableFamily::inet},    {"arp", TableFamily::arp}, {"bridge", TableFamily::bridge},
      {"netdev", TableFamily::netdev}};
  for (const auto& [word, family] : families)
    EXPECT_EQ(read_table("table " + std::string(word) + " t { }").family, family) << word;
  const Table table = read_table("table ip t {\n flags dormant\n comment \"mine\"\n}\n");
  EXPECT_EQ(table.flags, std::vector<std::string>{"dormant"});
  EXPECT_EQ(table.comment, "mine");
}

TEST(ParseChain, hook_policy_and_priority) {
  const Table table = read_table(
      "table inet t {\n"
      " chain a { type filter hook input priority filter - 5; policy drop; comment \"c\"; }\n"
      " chain b { type nat hook postrouting priority srcnat; }\n"
      " chain c { type route hook output priority -150; policy accept; }\n"
      " chain d { type filter hook prerouting priority raw+1\n policy drop\n counter\n }\n"
      "}\n");
  const ChainHook& a = *table.chains[0].hook;
  EXPECT_EQ(a.point, HookPoint::input);
  EXPECT_EQ(a.priority, -5);
  EXPECT_FALSE(a.accept);
  EXPECT_EQ(table.chains[0].comment, "c");
  EXPECT_EQ(table.chains[1].hook->type, ChainType::nat);
  EXPECT_EQ(table.chains[1].hook->priority, 100);
  EXPECT_FALSE(table.chains[1].hook->policy_given);
  EXPECT_EQ(table.chains[2].hook->type, ChainType::route);
  EXPECT_EQ(table.chains[2].hook->priority, -150);
  EXPECT_EQ(table.chains[3].hook->priority, -299);
  EXPECT_EQ(table.chains[3].rules.size(), 1u);
}

TEST(ParseChain, priorities_have_other_numbers_in_bridges) {
  const Table table = read_table(
      "table bridge t { chain a { type filter hook prerouting priority dstnat; };\n"
      " chain b { type filter hook output priority out; };\n chain c { type filter hook input priority filter; }; }\n");
  EXPECT_EQ(table.chains[0].hook->priority, -300);
  EXPECT_EQ(table.chains[1].hook->priority, 100);
  EXPECT_EQ(table.chains[2].hook->priority, -200);
}

TEST(ParseChain, devices) {
  const Table table = read_table(
      "table netdev t { chain a { type filter hook ingress device \"lo\" priority 0; };\n"
      " chain b { type filter hook egress devices = { lo, \"eth0\" } priority 0; }; }\n");
  EXPECT_EQ(table.chains[0].hook->devices, std::vector<std::string>{"lo"});
  EXPECT_EQ(table.chains[1].hook->devices.size(), 2u);
}

TEST(ParseSetBlock, everything_a_set_can_say) {
  const Set set = read_table(
                      "table ip t { set s { type ipv4_addr . inet_service; flags interval,timeout; timeout 1h; "
                      "gc-interval 10s; size 100; policy memory; auto-merge\n comment \"x\"; "
                      "elements = { 10.0.0.0/8 . 80-90 timeout 5m expires 3m comment \"y\" }\n }\n}\n")
                      .sets[0];
  EXPECT_EQ(set.key, (std::vector<Type>{Type::ipv4_addr, Type::inet_service}));
  EXPECT_EQ(set.flags, SetFlag::interval | SetFlag::timeout);
  EXPECT_EQ(set.timeout_ms, 3'600'000u);
  EXPECT_EQ(set.gc_interval_ms, 10'000u);
  EXPECT_EQ(set.size, 100u);
  EXPECT_EQ(set.policy, "memory");
  EXPECT_TRUE(set.auto_merge);
  EXPECT_EQ(set.comment, "x");
  const ElementAttributes& attributes = set.elements[0].attributes;
  EXPECT_EQ(attributes.timeout_ms, 300'000u);
  EXPECT_EQ(attributes.expires_ms, 180'000u);
  EXPECT_EQ(attributes.comment, "y");
}

TEST(ParseSetBlock, the_type_may_follow_the_elements) {
  const Set set = read_table("table ip t { set s { elements = { 10.0.0.1 }; type ipv4_addr; }; }\n").sets[0];
  EXPECT_EQ(set.elements[0].parts[0].type, Type::ipv4_addr);
}

TEST(ParseSetBlock, elements_have_the_statements_of_their_set) {
  const Set set =
      read_table("table ip t { set s { type mark; counter; elements = { 1, 2 counter packets 5 bytes 6 }; }; }\n")
          .sets[0];
  EXPECT_EQ(set.elements[0].attributes.statements.at(0).packets, 0u);
  EXPECT_EQ(set.elements[1].attributes.statements.at(0).packets, 5u);
}

TEST(ParseSetBlock, typeof_takes_types_and_widths_from_selectors) {
  const Table table = read_table(
      "table ip t { set s { typeof ip saddr . tcp dport; }; map m { typeof vlan id : meta mark; elements = { 4095 : 1 "
      "}; "
      "}; map v { typeof tcp dport : verdict; }; }\n");
  EXPECT_EQ(table.sets[0].key, (std::vector<Type>{Type::ipv4_addr, Type::inet_service}));
  EXPECT_EQ(table.sets[0].key_typeof.size(), 2u);
  EXPECT_EQ(table.sets[1].data_typeof[0].field, Field::meta_mark);
  EXPECT_EQ(table.sets[2].data, std::vector<Type>{Type::verdict});
  EXPECT_EQ(messages(parse("table ip t { set s { typeof vlan id; elements = { 4096 }; }; }\n")),
            "1:51: 4096 is too large for integer; expected 0 to 4095\n");
}

TEST(ParseMapBlock, data_of_every_kind) {
  const Table table = read_table(
      "table ip t {\n"
      " map a { type inet_service : ipv4_addr . inet_service; elements = { 80 : 10.0.0.2 . 8080, * : 10.0.0.3 . 1 }; "
      "}\n"
      " map b { type mark : verdict; elements = { 1 : jump d, 2 : continue }; }\n"
      " map c { type ipv4_addr : counter; elements = { 10.0.0.1 : \"hits\" }; }\n"
      " map e { type ipv4_addr : interval ipv4_addr; elements = { 10.0.0.1 : 10.0.0.5-10.0.0.9 }; }\n"
      " chain d { }\n}\n");
  EXPECT_EQ(table.sets[0].elements[0].parts[1].parts[1].value, Value(8080));
  EXPECT_EQ(table.sets[1].elements[0].parts[1].verdict.chain, "d");
  EXPECT_EQ(table.sets[2].data_object, "counter");
  EXPECT_EQ(table.sets[2].elements[0].parts[1].text, "hits");
  EXPECT_TRUE(table.sets[3].data_interval);
  EXPECT_EQ(table.sets[3].elements[0].parts[1].kind, ExprKind::range);
}

TEST(ParseObjectBlock, every_kind_of_object) {
  const Table table = read_table(
      "table inet t {\n counter c { packets 5 bytes 6; comment \"x\"; }\n quota q { over 10 kbytes used 5 bytes; }\n"
      " limit l { rate 400/minute burst 3 packets }\n ct helper h { type \"ftp\" protocol tcp; }\n"
      " ct timeout o { protocol tcp; policy = { established : 100, close_wait:4 }; l3proto ip; }\n"
      " ct expectation e { protocol udp; dport 9876; timeout 2m; size 8; }\n"
      " synproxy s { mss 1460; wscale 7; timestamp sack-perm; }\n secmark m { \"ctx\"; }\n}\n");
  ASSERT_EQ(table.objects.size(), 8u);
  EXPECT_EQ(table.objects[0].value.packets, 5u);
  EXPECT_EQ(table.objects[0].comment, "x");
  EXPECT_EQ(table.objects[1].value.amount, 10240u);
  EXPECT_EQ(table.objects[2].value.rate.burst, 3u);
  EXPECT_EQ(table.objects[3].body, "type \"ftp\" protocol tcp\nl3proto inet");
  EXPECT_EQ(table.objects[4].body, "protocol tcp\nl3proto ip\npolicy = { established : 100, close_wait : 4 }");
  EXPECT_EQ(table.objects[5].body, "protocol udp\ndport 9876\ntimeout 2m\nsize 8\nl3proto inet");
  EXPECT_EQ(table.objects[6].body, "mss 1460\nwscale 7\ntimestamp sack-perm");
  EXPECT_EQ(table.objects[7].body, "\"ctx\"");
}

TEST(ParseFlowtable, hook_and_devices) {
  const Flowtable table =
      read_table(
          "table inet t { flowtable f { hook ingress priority filter + 5; devices = { lo, eth0 }; counter; }; }\n")
          .flowtables[0];
  EXPECT_EQ(table.priority, 5);
  EXPECT_EQ(table.devices.size(), 2u);
  EXPECT_TRUE(table.counter);
}

TEST(ParseVariables, stand_for_values_sets_names_and_numbers) {
  const Table table = read_table(
      "define port = 22\ndefine ports = { $port, 80 }\ndefine states = established, related\ndefine known = @s\n"
      "define prio = -150\ndefine next = d\ndefine lan = \"eth0\"\ndefine more = \"filter + 10\"\n"
      "table ip t {\n set s { type inet_service; elements = $ports; }\n"
      " chain c { type filter hook input priority $prio; policy accept; tcp dport $port; tcp dport { $ports, 443 }; "
      "ct state $states; tcp dport $known; iifname $lan; log prefix \"in $lan: \"; jump $next\n }\n"
      " chain d { type filter hook input priority $more; }\n}\n");
  EXPECT_EQ(table.sets[0].elements.size(), 2u);
  const Chain& chain = table.chains[0];
  EXPECT_EQ(chain.hook->priority, -150);
  const auto right = [&](std::size_t rule) { return chain.rules[rule].statements[0].right[0]; };
  EXPECT_EQ(right(0).value, Value(22));
  EXPECT_EQ(right(1).parts.size(), 3u);
  EXPECT_EQ(right(2).value, Value(6));
  EXPECT_EQ(right(3).text, "s");
  EXPECT_EQ(right(4).text, "eth0");
  EXPECT_EQ(chain.rules[5].statements[0].log.prefix, "in eth0: ");
  EXPECT_EQ(chain.rules[6].statements[0].verdict.chain, "d");
  EXPECT_EQ(table.chains[1].hook->priority, 10);
}

TEST(ParseVariables, end_with_their_block_and_can_be_redefined) {
  EXPECT_EQ(messages(parse("table ip t { define x = 5; chain c { tcp dport $x; }; }\nredefine y = 1\nredefine y = 2\n"
                           "undefine y\ntable ip u { chain c { tcp dport $x; }; }\n")),
            "5:35: unknown variable '$x'; expected a variable given by define\n");
}

TEST(ParseInclude, files_are_read_where_they_stand) {
  ParseOptions options;
  options.source_name = "main.nft";
  options.include = [](std::string_view path) -> std::optional<std::string> {
    if (path == "ports.nft") return "define ports = { 22, 80 }";
    if (path == "bad.nft") return "# first\ntcp dport foo\n";
    return std::nullopt;
  };
  const ParseResult good = parse("include \"ports.nft\"\ntable ip t { chain c { tcp dport $ports; }; }\n", options);
  EXPECT_EQ(messages(good), "");
  const Rule& rule = good.script.commands[0].table.chains[0].rules[0];
  EXPECT_EQ(rule.statements[0].right[0].parts.size(), 2u);
  EXPECT_EQ(position(good.script, rule.span.begin).line, 2);
  const ParseResult bad = parse("table ip t { chain c {\ninclude \"bad.nft\"\n}\n}\n", options);
  ASSERT_EQ(messages(bad), "2:11: 'foo' is no inet_service; expected a port or a service name\n");
  EXPECT_EQ(bad.errors[0].where.file, "bad.nft");
  options.include = [](std::string_view path) -> std::optional<std::string> {
    if (path == "none.nft") return std::nullopt;
    return path == "half.nft" ? "tcp dport { 22," : "include \"again\"\n";
  };
  EXPECT_EQ(messages(parse("table ip t { chain c {\ninclude \"half.nft\"\n 23 }\n}\n}\n", options)),
            "1:16: the braces of an included file do not match; expected blocks that begin and end in one file\n");
  const ParseResult none = parse("include \"none.nft\"\ntable ip t { }\n", options);
  EXPECT_EQ(messages(none), "1:9: cannot read \"none.nft\"; expected a readable file\n");
  EXPECT_EQ(messages(parse("include \"x\"\n")), "1:1: include is not possible here; expected the rules themselves\n");
  EXPECT_EQ(messages(parse("include \"again\"\n", options)), "1:1: files include each other more than 16 deep\n");
}

TEST(ParseOptionsPlace, text_inside_a_larger_file_has_the_places_of_that_file) {
  ParseOptions options;
  options.first_line = 10;
  options.first_column = 5;
  const ParseResult result = parse("table ip t {\n foo\n}\n!\n", options);
  EXPECT_EQ(messages(result),
            "11:2: unexpected 'foo'; expected chain, set, map or another part of a table\n"
            "13:1: unexpected '!'; expected a command such as table, add or flush\n");
  EXPECT_EQ(parse("foo", options).errors[0].where.column, 5);
}

}  // namespace
}  // namespace fourtuple::nft
