// Targets and their options.
#include <algorithm>
#include <array>

#include "sim/base/nearest.h"
#include "sim/netfilter/nft/iptables_rule.h"

namespace fourtuple::nft {
namespace {

// Flags of NAT as nft lists them.
struct NatFlags {
  bool random = false, fully = false, persistent = false;
  std::string words() const {
    std::string text;
    const auto add = [&](bool set, std::string_view word) {
      if (set) text += (text.empty() ? " " : ",") + std::string(word);
    };
    add(random, "random");
    add(fully, "fully-random");
    add(persistent, "persistent");
    return text;
  }
};

constexpr std::string_view nat_options[] = {"--to-destination", "--to-source",    "--to-ports",  "--to-port",
                                            "--random",         "--random-fully", "--persistent"};

bool read_nat_options(IptablesRule& rule, std::string& to, NatFlags& flags) {
  while (rule.begin_option(nat_options)) {
    const std::string_view option = rule.option().text;
    if (option == "--random")
      flags.random = true;
    else if (option == "--random-fully")
      flags.fully = true;
    else if (option == "--persistent")
      flags.persistent = true;
    else if (!rule.argument(to))
      return false;
  }
  return true;
}

bool read_address_nat(IptablesRule& rule, std::string_view word, std::string_view option) {
  std::string to;
  NatFlags flags;
  if (!read_nat_options(rule, to, flags)) return false;
  if (to.empty()) return rule.fail("the target needs an address", std::string(option));
  // In IPv6 a port follows an address in brackets.
  if (rule.v6() && to.front() == '[' && to.find("]:") == std::string::npos) to = to.substr(1, to.size() - 2);
  return rule.add_statement(std::string(word) + " to " + to + flags.words());
}

bool read_dnat(IptablesRule& rule) {
  return read_address_nat(rule, "dnat", "--to-destination");
}
bool read_snat(IptablesRule& rule) {
  return read_address_nat(rule, "snat", "--to-source");
}

bool read_own_nat(IptablesRule& rule, std::string_view word) {
  std::string to;
  NatFlags flags;
  if (!read_nat_options(rule, to, flags)) return false;
  return rule.add_statement(std::string(word) + (to.empty() ? "" : " to :" + to) + flags.words());
}

bool read_masquerade(IptablesRule& rule) {
  return read_own_nat(rule, "masquerade");
}
bool read_redirect(IptablesRule& rule) {
  return read_own_nat(rule, "redirect");
}

bool read_reject(IptablesRule& rule) {
  struct Way {
    std::string_view iptables, nft;
    bool v6;
  };
  static constexpr Way ways[] = {{"icmp-net-unreachable", "icmp net-unreachable", false},
                                 {"icmp-host-unreachable", "icmp host-unreachable", false},
                                 {"icmp-port-unreachable", "icmp port-unreachable", false},
                                 {"icmp-proto-unreachable", "icmp prot-unreachable", false},
                                 {"icmp-net-prohibited", "icmp net-prohibited", false},
                                 {"icmp-host-prohibited", "icmp host-prohibited", false},
                                 {"icmp-admin-prohibited", "icmp admin-prohibited", false},
                                 {"tcp-reset", "tcp reset", false},
                                 {"icmp6-no-route", "icmpv6 no-route", true},
                                 {"no-route", "icmpv6 no-route", true},
                                 {"icmp6-adm-prohibited", "icmpv6 admin-prohibited", true},
                                 {"adm-prohibited", "icmpv6 admin-prohibited", true},
                                 {"icmp6-addr-unreachable", "icmpv6 addr-unreachable", true},
                                 {"addr-unreach", "icmpv6 addr-unreachable", true},
                                 {"icmp6-port-unreachable", "icmpv6 port-unreachable", true},
                                 {"port-unreach", "icmpv6 port-unreachable", true},
                                 {"icmp6-policy-fail", "icmpv6 policy-fail", true},
                                 {"icmp6-reject-route", "icmpv6 reject-route", true},
                                 {"tcp-reset", "tcp reset", true}};
  constexpr std::string_view names[] = {"--reject-with"};
  if (!rule.begin_option(names)) return rule.add_statement("reject");
  std::string with;
  if (!rule.argument(with)) return false;
  std::vector<std::string_view> known;
  for (const Way& way : ways) {
    if (way.v6 != rule.v6()) continue;
    if (way.iptables == with) return rule.add_statement("reject with " + std::string(way.nft));
    known.push_back(way.iptables);
  }
  return rule.fail("'" + with + "' is no way to reject", "icmp-port-unreachable, tcp-reset or another",
                   nearest(with, known));
}

bool read_log(IptablesRule& rule) {
  constexpr std::string_view names[] = {"--log-prefix",     "--log-level", "--log-tcp-sequence", "--log-tcp-options",
                                        "--log-ip-options", "--log-uid",   "--log-macdecode"};
  static constexpr std::string_view levels[] = {"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"};
  std::string prefix, level, text, flags;
  bool has_prefix = false;
  while (rule.begin_option(names)) {
    const std::string_view option = rule.option().text;
    if (option == "--log-tcp-sequence") flags += " flags tcp sequence";
    if (option == "--log-tcp-options") flags += " flags tcp options";
    if (option == "--log-ip-options") flags += " flags ip options";
    if (option == "--log-uid") flags += " flags skuid";
    if (option == "--log-macdecode") flags += " flags ether";
    if (option != "--log-prefix" && option != "--log-level") continue;
    if (!rule.argument(text)) return false;
    if (option == "--log-prefix") {
      has_prefix = true;
      prefix = text;
      continue;
    }
    std::uint64_t number = 0;
    text = lower_case(text);
    level = text == "warning" ? "warn" : text == "error" ? "err" : text == "panic" ? "emerg" : text;
    if (whole_number(text, number)) level = number < 8 ? std::string(levels[number]) : text;
    if (std::find(std::begin(levels), std::end(levels), level) == std::end(levels))
      return rule.fail("'" + text + "' is no level", "0 to 7 or a name such as info", nearest(text, levels));
  }
  if (level == "warn") level.clear();  // what nft has without a level
  rule.add_statement(std::string("log") + (has_prefix ? " prefix \"x\"" : "") +
                     (level.empty() ? "" : " level " + level) + flags);
  rule.last_piece().log_prefix = prefix;
  return true;
}

bool read_nflog(IptablesRule& rule) {
  constexpr std::string_view names[] = {"--nflog-group", "--nflog-prefix", "--nflog-size", "--nflog-threshold",
                                        "--nflog-range"};
  std::string group = "0", prefix, text, rest;
  while (rule.begin_option(names)) {
    const std::string_view option = rule.option().text;
    if (!rule.argument(text)) return false;
    if (option == "--nflog-group") group = text;
    if (option == "--nflog-prefix") prefix = text;
    if (option == "--nflog-size") rest += " snaplen " + text;
    if (option == "--nflog-threshold") rest += " queue-threshold " + text;
  }
  rule.add_statement("log" + std::string(prefix.empty() ? "" : " prefix \"x\"") + rest + " group " + group);
  rule.last_piece().log_prefix = prefix;
  return true;
}

// New value = (old & ~mask) ^ value, in the forms nft prefers.
std::string mark_value(std::string_view selector, std::uint64_t value, std::uint64_t mask) {
  const std::uint64_t keep = ~mask & 0xffffffff;
  if (keep == 0) return hex_number(value);
  std::string text(selector);
  if (keep == (~value & 0xffffffff)) return text + " | " + hex_number(value);
  if (keep != 0xffffffff) text += " & " + hex_number(keep);
  return value == 0 ? text : text + " ^ " + hex_number(value);
}

bool set_mark(IptablesRule& rule, std::string_view selector, std::string_view option) {
  std::string text;
  std::uint64_t value = 0, mask = 0;
  if (!rule.argument(text)) return false;
  if (!value_and_mask(text, value, mask)) return rule.fail("'" + text + "' is no mark", "a number, or number/mask");
  const std::string left = std::string(selector) + " set ";
  if (option == "--and-mark") return rule.add_statement(left + mark_value(selector, 0, ~value & 0xffffffff));
  if (option == "--or-mark") return rule.add_statement(left + mark_value(selector, value, value));
  if (option == "--xor-mark") return rule.add_statement(left + mark_value(selector, value, 0));
  // --set-mark clears the bits of the value too, --set-xmark only those of the mask.
  return rule.add_statement(left + mark_value(selector, value, option == "--set-mark" ? mask | value : mask));
}

bool read_mark(IptablesRule& rule) {
  constexpr std::string_view names[] = {"--set-mark", "--set-xmark", "--and-mark", "--or-mark", "--xor-mark"};
  if (!rule.begin_option(names)) return rule.fail("MARK needs a value", "--set-mark");
  return set_mark(rule, "meta mark", rule.option().text);
}

bool read_connmark_target(IptablesRule& rule) {
  constexpr std::string_view names[] = {"--set-mark", "--set-xmark", "--and-mark", "--or-mark", "--xor-mark"};
  constexpr std::string_view moves[] = {"--save-mark", "--restore-mark"};
  constexpr std::string_view masks[] = {"--nfmask", "--ctmask", "--mask"};
  if (rule.begin_option(names)) return set_mark(rule, "ct mark", rule.option().text);
  if (!rule.begin_option(moves))
    return rule.fail("CONNMARK needs what to do", "--set-mark, --save-mark or --restore-mark");
  const bool save = rule.option().text == "--save-mark";
  std::string text;
  while (rule.begin_option(masks)) {
    std::uint64_t mask = 0;
    if (!rule.argument(text)) return false;
    if (!whole_number(text, mask) || mask != 0xffffffff)
      return rule.fail("a part of a mark cannot be copied here", "the mask 0xffffffff");
  }
  return rule.add_statement(save ? "ct mark set meta mark" : "meta mark set ct mark");
}

bool read_ct(IptablesRule& rule) {
  constexpr std::string_view names[] = {"--notrack"};
  if (rule.begin_option(names)) return rule.add_statement("notrack");
  return rule.fail("only --notrack of CT has a counterpart here", "--notrack");
}

bool read_notrack(IptablesRule& rule) {
  return rule.add_statement("notrack");
}

bool read_tcpmss(IptablesRule& rule) {
  constexpr std::string_view names[] = {"--clamp-mss-to-pmtu", "--set-mss"};
  if (!rule.begin_option(names)) return rule.fail("TCPMSS needs a size", "--clamp-mss-to-pmtu or --set-mss");
  std::string size = "rt mtu";
  if (rule.option().text == "--set-mss" && !rule.argument(size)) return false;
  return rule.add_statement("tcp option maxseg size set " + size);
}

bool read_dscp(IptablesRule& rule) {
  constexpr std::string_view names[] = {"--set-dscp", "--set-dscp-class"};
  std::string value;
  if (!rule.begin_option(names)) return rule.fail("DSCP needs a value", "--set-dscp or --set-dscp-class");
  return rule.argument(value) && rule.add_statement(std::string(rule.ip()) + " dscp set " + lower_case(value));
}

bool read_ttl(IptablesRule& rule) {
  constexpr std::string_view names[] = {"--ttl-set", "--hl-set"};
  std::string value;
  if (!rule.begin_option(names)) return rule.fail("only setting a TTL has a counterpart here", "--ttl-set");
  return rule.argument(value) && rule.add_statement((rule.v6() ? "ip6 hoplimit set " : "ip ttl set ") + value);
}

bool read_nfqueue(IptablesRule& rule) {
  constexpr std::string_view names[] = {"--queue-num", "--queue-balance", "--queue-bypass", "--queue-cpu-fanout"};
  std::string number = "0", flags;
  while (rule.begin_option(names)) {
    const std::string_view option = rule.option().text;
    if (option == "--queue-bypass")
      flags += flags.empty() ? "bypass" : ",bypass";
    else if (option == "--queue-cpu-fanout")
      flags += flags.empty() ? "fanout" : ",fanout";
    else if (!rule.argument(number))
      return false;
  }
  return rule.add_statement("queue " + (flags.empty() ? "" : "flags " + flags + " ") + "to " +
                            dash_range(number, "65535"));
}

bool read_tproxy(IptablesRule& rule) {
  constexpr std::string_view names[] = {"--on-port", "--on-ip", "--tproxy-mark"};
  std::string port, address, mark;
  while (rule.begin_option(names)) {
    const std::string_view option = rule.option().text;
    if (!rule.argument(option == "--on-port" ? port : option == "--on-ip" ? address : mark)) return false;
  }
  return rule.add_statement("tproxy to " + address + ":" + port);
}

struct Target {
  std::string_view name;
  bool (*read)(IptablesRule& rule);
};
constexpr Target targets[] = {{"REJECT", read_reject},
                              {"LOG", read_log},
                              {"NFLOG", read_nflog},
                              {"DNAT", read_dnat},
                              {"SNAT", read_snat},
                              {"MASQUERADE", read_masquerade},
                              {"REDIRECT", read_redirect},
                              {"MARK", read_mark},
                              {"CONNMARK", read_connmark_target},
                              {"CT", read_ct},
                              {"NOTRACK", read_notrack},
                              {"TCPMSS", read_tcpmss},
                              {"DSCP", read_dscp},
                              {"TTL", read_ttl},
                              {"HL", read_ttl},
                              {"NFQUEUE", read_nfqueue},
                              {"TPROXY", read_tproxy}};

}  // namespace

bool read_iptables_target(IptablesRule& rule, const std::string& name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> verdicts = {
      {{"ACCEPT", "accept"}, {"DROP", "drop"}, {"RETURN", "return"}, {"QUEUE", "queue"}}};
  std::vector<std::string_view> known;
  for (const auto& [word, nft] : verdicts) {
    if (word == name) return rule.add_statement(std::string(nft));
    known.push_back(word);
  }
  for (const Target& target : targets) {
    if (target.name == name) return target.read(rule);
    known.push_back(target.name);
  }
  for (const std::string& chain : rule.chains()) {
    known.push_back(chain);
    if (chain != name) continue;
    rule.add_statement(rule.go_to ? "goto x" : "jump x");
    rule.last_piece().chain = name;
    return true;
  }
  return rule.fail("there is no target and no chain '" + name + "'", "a chain of this table or a target such as ACCEPT",
                   nearest(name, known));
}

}  // namespace fourtuple::nft
