// Matches whose options stand alone: each becomes one comparison.
#include <algorithm>
#include <array>

#include "sim/netfilter/nft/iptables_rule.h"

namespace fourtuple::nft {
namespace {

enum class Form : std::uint8_t {
  value,      // as it is
  lower,      // in lower case, lists with commas
  range,      // a:b
  address,    // with a prefix or a mask
  interface,  // with a final +
  ports,      // a list of ports and ranges
  port,       // one port or range a:b
  mark,       // value/mask
};

struct Option {
  std::string_view name;
  Form form;
  std::string_view selector;  // % is ip or ip6, # the protocol of the rule
};

constexpr Option options[] = {
    {"-s", Form::address, "% saddr"},
    {"--source", Form::address, "% saddr"},
    {"--src", Form::address, "% saddr"},
    {"-d", Form::address, "% daddr"},
    {"--destination", Form::address, "% daddr"},
    {"--dst", Form::address, "% daddr"},
    {"-i", Form::interface, "iifname"},
    {"--in-interface", Form::interface, "iifname"},
    {"-o", Form::interface, "oifname"},
    {"--out-interface", Form::interface, "oifname"},
    {"--sport", Form::port, "# sport"},
    {"--source-port", Form::port, "# sport"},
    {"--dport", Form::port, "# dport"},
    {"--destination-port", Form::port, "# dport"},
    {"--sports", Form::ports, "# sport"},
    {"--source-ports", Form::ports, "# sport"},
    {"--dports", Form::ports, "# dport"},
    {"--destination-ports", Form::ports, "# dport"},
    {"--mac-source", Form::value, "ether saddr"},
    {"--src-range", Form::value, "% saddr"},
    {"--dst-range", Form::value, "% daddr"},
    {"--length", Form::range, "meta length"},
    {"--ttl-eq", Form::value, "ip ttl"},
    {"--ttl", Form::value, "ip ttl"},
    {"--ttl-lt", Form::value, "ip ttl <"},
    {"--ttl-gt", Form::value, "ip ttl >"},
    {"--hl-eq", Form::value, "ip6 hoplimit"},
    {"--hl-lt", Form::value, "ip6 hoplimit <"},
    {"--hl-gt", Form::value, "ip6 hoplimit >"},
    {"--dscp", Form::value, "% dscp"},
    {"--dscp-class", Form::lower, "% dscp"},
    {"--pkt-type", Form::lower, "meta pkttype"},
    {"--uid-owner", Form::value, "meta skuid"},
    {"--gid-owner", Form::value, "meta skgid"},
    {"--mark", Form::mark, "meta mark"},
    {"--ctstatus", Form::lower, "ct status"},
    {"--ctdir", Form::lower, "ct direction"},
    {"--ctproto", Form::lower, "ct protocol"},
    {"--ctorigsrc", Form::address, "ct original % saddr"},
    {"--ctorigdst", Form::address, "ct original % daddr"},
    {"--ctreplsrc", Form::address, "ct reply % saddr"},
    {"--ctrepldst", Form::address, "ct reply % daddr"},
    {"--ctorigsrcport", Form::port, "ct original proto-src"},
    {"--ctorigdstport", Form::port, "ct original proto-dst"},
    {"--ctreplsrcport", Form::port, "ct reply proto-src"},
    {"--ctrepldstport", Form::port, "ct reply proto-dst"},
};

std::string filled(const IptablesRule& rule, std::string_view selector) {
  std::string text;
  for (const char c : selector) {
    if (c == '%')
      text += rule.ip();
    else if (c == '#')
      text += rule.protocol();
    else
      text += c;
  }
  return text;
}

// "10.0.0.0/255.0.0.0" as a prefix where it is one.
bool mask_to_prefix(IptablesRule& rule, std::string& address) {
  const std::size_t slash = address.find('/');
  if (slash == std::string::npos || address.find_first_of(".:", slash) == std::string::npos) return true;
  const auto mask = IpAddress::parse(address.substr(slash + 1));
  if (!mask) return rule.fail("'" + address.substr(slash + 1) + "' is no mask", "a prefix length");
  const Value value = value_of(*mask);
  const std::uint32_t bits = mask->family == Family::ipv4 ? 32 : 128;
  for (std::uint32_t length = 0; length <= bits; ++length) {
    if (prefix_mask(length, bits) != value) continue;
    address = address.substr(0, slash + 1) + std::to_string(length);
    return true;
  }
  return rule.fail("the mask '" + address.substr(slash + 1) + "' has holes", "a prefix length");
}

bool add_address(IptablesRule& rule, const std::string& selector, const std::string& text) {
  std::string list;
  const std::vector<std::string> parts = split_list(text, ',');
  for (std::string part : parts) {
    if (!mask_to_prefix(rule, part)) return false;
    if (part.ends_with("/0") && parts.size() == 1 && !rule.negated()) return true;  // every address
    list += (list.empty() ? "" : ", ") + part;
  }
  return rule.add(selector, parts.size() == 1 ? list : "{ " + list + " }");
}

bool add_ports(IptablesRule& rule, const std::string& selector, const std::string& text) {
  std::string list;
  for (const std::string& part : split_list(text, ',')) list += (list.empty() ? "" : ", ") + dash_range(part, "65535");
  return rule.add(selector, "{ " + list + " }");
}

bool add_mark(IptablesRule& rule, std::string_view selector, const std::string& text) {
  std::uint64_t value = 0, mask = 0;
  if (!value_and_mask(text, value, mask)) return rule.fail("'" + text + "' is no mark", "a number, or number/mask");
  if (mask == 0xffffffff) return rule.add(selector, hex_number(value));
  return rule.add_statement(std::string(selector) + " & " + hex_number(mask) + (rule.negated() ? " != " : " == ") +
                            hex_number(value));
}

bool read_simple(IptablesRule& rule, const Option& option) {
  std::string value;
  if (!rule.argument(value)) return false;
  const std::string selector = filled(rule, option.selector);
  if (option.selector.starts_with('#') && rule.protocol().empty())
    return rule.fail("'" + std::string(option.name) + "' needs a protocol", "-p tcp or -p udp before it");
  switch (option.form) {
    case Form::address:
      return add_address(rule, selector, value);
    case Form::interface:
      if (value == "+" && !rule.negated()) return true;
      if (value.ends_with('+')) value.back() = '*';
      return rule.add(selector, quoted_name(value));
    case Form::ports:
      return add_ports(rule, selector, value);
    case Form::port:
      return rule.add(selector, dash_range(value, "65535"));
    case Form::range:
      return rule.add(selector, dash_range(value, "65535"));
    case Form::lower:
      return rule.add(selector, lower_case(value));
    case Form::mark:
      return add_mark(rule, selector, value);
    case Form::value:
      break;
  }
  if (selector.ends_with('<') || selector.ends_with('>'))
    return rule.no_negation() && rule.add_statement(selector + " " + value);
  return rule.add(selector, value);
}

// NEW,ESTABLISHED as a list of states; SNAT and DNAT are status.
bool read_state(IptablesRule& rule) {
  std::string text;
  if (!rule.argument(text)) return false;
  std::string states, status;
  for (const std::string& part : split_list(lower_case(text), ',')) {
    std::string& target = part == "snat" || part == "dnat" ? status : states;
    target += (target.empty() ? "" : ",") + part;
  }
  if (!states.empty() && !status.empty()) return rule.fail("SNAT and DNAT cannot be combined with states", "two rules");
  const std::string selector = status.empty() ? "ct state" : "ct status";
  std::string list = status.empty() ? states : status;
  if (!rule.negated()) return rule.add_statement(selector + " " + list);
  std::replace(list.begin(), list.end(), ',', '|');  // none of them
  return rule.add_statement(selector + " & (" + list + ") == 0");
}

// As constants in parentheses: (fin|syn).
std::string flag_list(std::string_view text) {
  std::string list = lower_case(text);
  if (list == "all") list = "fin,syn,rst,psh,ack,urg";
  if (list == "none") list = "0x0";
  std::replace(list.begin(), list.end(), ',', '|');
  return "(" + list + ")";
}

bool add_tcp_flags(IptablesRule& rule, std::string_view mask, std::string_view flags) {
  return rule.add_statement("tcp flags & " + flag_list(mask) + (rule.negated() ? " != " : " == ") + flag_list(flags));
}

bool read_tcp_flags(IptablesRule& rule) {
  std::string mask, flags;
  return rule.argument(mask) && rule.argument(flags) && add_tcp_flags(rule, mask, flags);
}

// --icmp-type 8, 3/4 or a name.
bool read_icmp_type(IptablesRule& rule, std::string_view header) {
  struct Name {
    std::string_view name, type, code;
  };
  static constexpr Name names[] = {
      {"any", "", ""},
      {"network-unreachable", "3", "0"},
      {"host-unreachable", "3", "1"},
      {"protocol-unreachable", "3", "2"},
      {"port-unreachable", "3", "3"},
      {"fragmentation-needed", "3", "4"},
      {"ping", "8", ""},
      {"pong", "0", ""},
      {"ttl-exceeded", "11", ""},
      {"ttl-zero-during-transit", "11", "0"},
      {"ttl-zero-during-reassembly", "11", "1"},
      {"neighbour-solicitation", "135", ""},
      {"neighbor-solicitation", "135", ""},
      {"neighbour-advertisement", "136", ""},
      {"neighbor-advertisement", "136", ""},
      {"router-solicitation", "133", ""},
      {"router-advertisement", "134", ""},
  };
  std::string text;
  if (!rule.argument(text)) return false;
  std::string type = text.substr(0, text.find('/')), code;
  if (type.size() < text.size()) code = text.substr(type.size() + 1);
  for (const Name& name : names) {
    const bool v6_only = name.type.size() == 3, here = header == "icmpv6";
    if (name.name != text || (v6_only != here && !name.type.empty())) continue;
    type = name.type;
    code = name.code;
  }
  if (type.empty()) return rule.add_statement(rule.v6() ? "meta l4proto ipv6-icmp" : "ip protocol icmp");
  if (type == "echo-request" || type == "echo-reply" || code.empty())
    return rule.add(std::string(header) + " type", type);
  if (rule.negated())
    return rule.add_statement(std::string(header) + " type . " + std::string(header) + " code != { " + type + " . " +
                              code + " }");
  return rule.add(std::string(header) + " type", type) && rule.add(std::string(header) + " code", code);
}

}  // namespace

bool read_iptables_match(IptablesRule& rule, std::string_view name, bool& known) {
  for (const Option& option : options)
    if (option.name == name) return read_simple(rule, option);
  if (name == "--ctstate" || name == "--state") return read_state(rule);
  if (name == "--tcp-flags") return read_tcp_flags(rule);
  if (name == "--syn") return add_tcp_flags(rule, "fin,syn,rst,ack", "syn");
  if (name == "--icmp-type") return read_icmp_type(rule, "icmp");
  if (name == "--icmpv6-type") return read_icmp_type(rule, "icmpv6");
  if (name == "-f" || name == "--fragment")
    return rule.add_statement(std::string("ip frag-off & 0x1fff ") + (rule.negated() ? "== 0" : "!= 0"));
  if (name == "--tcp-option") {
    std::string kind;
    return rule.argument(kind) && rule.add_statement("tcp option " + kind + (rule.negated() ? " missing" : " exists"));
  }
  known = false;
  return true;
}

}  // namespace fourtuple::nft
