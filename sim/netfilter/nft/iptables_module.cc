// Matches whose options belong together: limit, hashlimit, connlimit, statistic, addrtype, rpfilter, connmark.
#include <algorithm>
#include <array>

#include "sim/base/nearest.h"
#include "sim/netfilter/nft/iptables_rule.h"

namespace fourtuple::nft {
namespace {

// "5/min" or "5" (a second) as "5/minute".
bool rate_words(IptablesRule& rule, const std::string& text, std::string& rate) {
  struct Unit {
    std::string_view word, nft;
  };
  constexpr Unit units[] = {{"second", "second"}, {"minute", "minute"}, {"hour", "hour"}, {"day", "day"}};
  const std::size_t slash = text.find('/');
  const std::string unit = slash == std::string::npos ? "s" : lower_case(text.substr(slash + 1));
  std::uint64_t number = 0;
  if (!whole_number(text.substr(0, slash), number))
    return rule.fail("'" + text + "' is no rate", "a rate such as 5/minute");
  for (const Unit& known : units) {
    if (unit.empty() || !known.word.starts_with(unit)) continue;
    rate = std::to_string(number) + "/" + std::string(known.nft);
    return true;
  }
  return rule.fail("'" + text + "' is no rate", "second, minute, hour or day after the slash");
}

bool read_limit(IptablesRule& rule) {
  constexpr std::string_view names[] = {"--limit", "--limit-burst"};
  std::string rate = "3/hour", burst = "5", text;
  while (rule.begin_option(names)) {
    const bool is_rate = rule.option().text == "--limit";
    if (!rule.no_negation() || !rule.argument(text) || (is_rate && !rate_words(rule, text, rate))) return false;
    if (!is_rate) burst = text;
  }
  return rule.add_statement("limit rate " + rate + " burst " + burst + " packets");
}

// The key of an element for every address: from the mode "srcip,dstport" or the side of a connlimit.
bool element_key(IptablesRule& rule, const std::string& mode, const std::string& mask_source,
                 const std::string& mask_target, std::string& key) {
  const std::string ip(rule.ip());
  for (const std::string& part : split_list(mode, ',')) {
    std::string selector;
    if (part == "srcip") selector.assign(ip).append(" saddr").append(mask_source);
    if (part == "dstip") selector.assign(ip).append(" daddr").append(mask_target);
    if (part == "srcport") selector = rule.protocol() + " sport";
    if (part == "dstport") selector = rule.protocol() + " dport";
    if (selector.empty() || (selector.front() == ' '))
      return rule.fail("'" + part + "' is no part of a key here",
                       "srcip, dstip, and with -p tcp or udp srcport, dstport");
    key += (key.empty() ? "" : " . ") + selector;
  }
  return true;
}

// "24" as the mask an address is taken through; nothing for the whole address.
std::string address_mask(const IptablesRule& rule, std::uint64_t length) {
  const std::uint32_t bits = rule.v6() ? 128 : 32;
  if (length >= bits) return {};
  const Value mask = prefix_mask(static_cast<std::uint32_t>(length), bits);
  return " & " + address_of(mask, rule.v6() ? Family::ipv6 : Family::ipv4).to_string();
}

bool mask_argument(IptablesRule& rule, std::string& mask) {
  std::string text;
  std::uint64_t length = 0;
  if (!rule.argument(text)) return false;
  if (!whole_number(text, length)) return rule.fail("'" + text + "' is no prefix length", "a number");
  mask = address_mask(rule, length);
  return true;
}

bool read_hashlimit(IptablesRule& rule) {
  constexpr std::string_view names[] = {"--hashlimit-upto",          "--hashlimit",
                                        "--hashlimit-above",         "--hashlimit-burst",
                                        "--hashlimit-mode",          "--hashlimit-name",
                                        "--hashlimit-srcmask",       "--hashlimit-dstmask",
                                        "--hashlimit-htable-expire", "--hashlimit-htable-size",
                                        "--hashlimit-htable-max",    "--hashlimit-htable-gcinterval"};
  std::string rate, burst = "5", mode, name, text, source_mask, target_mask, timeout, key;
  bool over = false;
  while (rule.begin_option(names)) {
    const std::string_view option = rule.option().text;
    if (!rule.no_negation()) return false;
    if (option.ends_with("mask")) {
      if (!mask_argument(rule, option == "--hashlimit-srcmask" ? source_mask : target_mask)) return false;
      continue;
    }
    if (!rule.argument(text)) return false;
    if (option == "--hashlimit-mode") mode = text;
    if (option == "--hashlimit-name") name = text;
    if (option == "--hashlimit-burst") burst = text;
    if (option == "--hashlimit-htable-expire") timeout = " timeout " + text + "ms";
    if (option == "--hashlimit-above") over = true;
    const bool is_rate = option == "--hashlimit" || option == "--hashlimit-upto" || option == "--hashlimit-above";
    if (is_rate && !rate_words(rule, text, rate)) return false;
  }
  if (rate.empty() || mode.empty())
    return rule.fail("hashlimit needs a rate and a mode", "--hashlimit-upto and --hashlimit-mode");
  if (!element_key(rule, mode, source_mask, target_mask, key)) return false;
  if (name.empty()) name = "hashlimit" + std::to_string(rule.number());
  return rule.add_statement("meter " + name + " { " + key + timeout + " limit rate " + (over ? "over " : "") + rate +
                            " burst " + burst + " packets }");
}

bool read_connlimit(IptablesRule& rule) {
  constexpr std::string_view names[] = {"--connlimit-above", "--connlimit-upto", "--connlimit-mask",
                                        "--connlimit-saddr", "--connlimit-daddr"};
  std::string count, mask, key;
  bool over = true, source = true;
  while (rule.begin_option(names)) {
    const std::string_view option = rule.option().text;
    if (option == "--connlimit-saddr" || option == "--connlimit-daddr") {
      source = option == "--connlimit-saddr";
    } else if (option == "--connlimit-mask") {
      if (!mask_argument(rule, mask)) return false;
    } else {
      over = (option == "--connlimit-above") != rule.negated();
      if (!rule.argument(count)) return false;
    }
  }
  if (count.empty()) return rule.fail("connlimit needs a number", "--connlimit-above or --connlimit-upto");
  if (!element_key(rule, source ? "srcip" : "dstip", mask, mask, key)) return false;
  return rule.add_statement("meter connlimit" + std::to_string(rule.number()) + " { " + key + " ct count " +
                            (over ? "over " : "") + count + " }");
}

// "0.25" in parts of 2^31, as the kernel keeps it.
bool parts_of(std::string_view text, std::uint64_t& parts) {
  constexpr std::uint64_t whole = std::uint64_t{1} << 31;
  const std::size_t dot = text.find('.');
  std::uint64_t integer = 0, fraction = 0, scale = 1;
  if (!whole_number(text.substr(0, dot), integer) || integer > 1) return false;
  for (const char c : dot == std::string_view::npos ? std::string_view() : text.substr(dot + 1)) {
    if (c < '0' || c > '9') return false;
    if (scale >= 1'000'000'000) continue;  // finer than 2^-31
    fraction = fraction * 10 + static_cast<std::uint64_t>(c - '0');
    scale *= 10;
  }
  parts = integer * whole + (fraction * whole + scale / 2) / scale;
  return parts <= whole;
}

bool read_statistic(IptablesRule& rule) {
  constexpr std::string_view names[] = {"--mode", "--probability", "--every", "--packet"};
  std::string mode, text, every, packet = "0";
  std::uint64_t parts = 0;
  bool negated = false;
  while (rule.begin_option(names)) {
    const std::string_view option = rule.option().text;
    negated = negated || rule.negated();
    if (!rule.argument(text)) return false;
    if (option == "--mode") mode = text;
    if (option == "--every") every = text;
    if (option == "--packet") packet = text;
    if (option == "--probability" && !parts_of(text, parts))
      return rule.fail("'" + text + "' is no probability", "0 to 1");
  }
  if (mode == "random")
    return rule.add_statement("numgen random mod 2147483648 " + std::string(negated ? ">= " : "< ") +
                              std::to_string(parts));
  if (mode == "nth" && !every.empty())
    return rule.add_statement("numgen inc mod " + every + (negated ? " != " : " ") + packet);
  return rule.fail("statistic needs a mode", "--mode random --probability P, or --mode nth --every N");
}

bool read_addrtype(IptablesRule& rule) {
  constexpr std::string_view names[] = {"--src-type", "--dst-type", "--limit-iface-in", "--limit-iface-out"};
  struct Type {
    std::string side, list;
    bool negated;
  };
  std::vector<Type> types;
  std::string interface, text;
  while (rule.begin_option(names)) {
    const std::string_view option = rule.option().text;
    if (option.starts_with("--limit")) {
      interface = option == "--limit-iface-in" ? " . iif" : " . oif";
      continue;
    }
    if (!rule.argument(text)) return false;
    text = lower_case(text);
    const std::size_t comma = text.find(',');
    types.push_back({option == "--src-type" ? "saddr" : "daddr", comma == std::string::npos ? text : "{ " + text + " }",
                     rule.negated()});
  }
  if (types.empty()) return rule.fail("addrtype needs a type", "--src-type or --dst-type");
  for (const Type& type : types)
    rule.add_statement("fib " + type.side + interface + " type " + (type.negated ? "!= " : "") + type.list);
  return true;
}

bool read_rpfilter(IptablesRule& rule) {
  constexpr std::string_view names[] = {"--loose", "--validmark", "--accept-local", "--invert"};
  bool loose = false, mark = false, invert = false;
  while (rule.begin_option(names)) {
    loose = loose || rule.option().text == "--loose";
    mark = mark || rule.option().text == "--validmark";
    invert = invert || rule.option().text == "--invert";
  }
  return rule.add_statement("fib saddr" + std::string(mark ? " . mark" : "") + (loose ? "" : " . iif") + " oif " +
                            (invert ? "missing" : "exists"));
}

bool read_connmark(IptablesRule& rule) {
  constexpr std::string_view names[] = {"--mark"};
  std::string text;
  std::uint64_t value = 0, mask = 0;
  if (!rule.begin_option(names)) return rule.fail("connmark needs a mark", "--mark");
  if (!rule.argument(text)) return false;
  if (!value_and_mask(text, value, mask)) return rule.fail("'" + text + "' is no mark", "a number, or number/mask");
  if (mask == 0xffffffff) return rule.add("ct mark", hex_number(value));
  return rule.add_statement("ct mark & " + hex_number(mask) + (rule.negated() ? " != " : " == ") + hex_number(value));
}

bool read_comment(IptablesRule& rule) {
  constexpr std::string_view names[] = {"--comment"};
  return !rule.begin_option(names) || rule.argument(rule.comment);
}

// --ports: one of the two is in the list; the rest of multiport are options of their own.
bool read_multiport(IptablesRule& rule) {
  constexpr std::string_view names[] = {"--ports"};
  if (!rule.begin_option(names)) return true;
  std::string text, list;
  if (!rule.no_negation() || !rule.argument(text)) return false;
  if (rule.protocol().empty()) return rule.fail("'--ports' needs a protocol", "-p tcp or -p udp before it");
  for (const std::string& part : split_list(text, ',')) {
    const std::string ports = dash_range(part, "65535");
    if (!list.empty()) list += ", ";
    list.append("0-65535 . ").append(ports).append(", ").append(ports).append(" . 0-65535");
  }
  return rule.add_statement(rule.protocol() + " sport . " + rule.protocol() + " dport { " + list + " }");
}

bool read_socket(IptablesRule& rule) {
  constexpr std::string_view names[] = {"--transparent", "--nowildcard", "--restore-skmark"};
  while (rule.begin_option(names)) {
  }
  return rule.add_statement("socket transparent 1");
}

struct Module {
  std::string_view name;
  bool (*read)(IptablesRule& rule);  // null: its options stand alone
};
constexpr Module modules[] = {{"tcp", nullptr},
                              {"udp", nullptr},
                              {"udplite", nullptr},
                              {"sctp", nullptr},
                              {"dccp", nullptr},
                              {"icmp", nullptr},
                              {"icmp6", nullptr},
                              {"icmpv6", nullptr},
                              {"conntrack", nullptr},
                              {"state", nullptr},
                              {"mac", nullptr},
                              {"iprange", nullptr},
                              {"length", nullptr},
                              {"ttl", nullptr},
                              {"hl", nullptr},
                              {"dscp", nullptr},
                              {"pkttype", nullptr},
                              {"owner", nullptr},
                              {"mark", nullptr},
                              {"multiport", read_multiport},
                              {"comment", read_comment},
                              {"connmark", read_connmark},
                              {"limit", read_limit},
                              {"hashlimit", read_hashlimit},
                              {"connlimit", read_connlimit},
                              {"statistic", read_statistic},
                              {"addrtype", read_addrtype},
                              {"rpfilter", read_rpfilter},
                              {"socket", read_socket}};

}  // namespace

bool read_iptables_module(IptablesRule& rule, const std::string& name) {
  std::vector<std::string_view> known;
  for (const Module& module : modules) {
    if (module.name == name) return module.read == nullptr || module.read(rule);
    known.push_back(module.name);
  }
  return rule.fail("the match '" + name + "' has no counterpart here", "one that can be translated",
                   nearest(name, known));
}

}  // namespace fourtuple::nft
