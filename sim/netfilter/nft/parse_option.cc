#include "sim/netfilter/nft/parse_option.h"

#include <algorithm>
#include <vector>

namespace fourtuple::nft {
namespace {

struct NamedField {
  std::string_view words;  // as written, and as printed unless `printed` says otherwise
  Field field;
  Type type;
  std::uint16_t bits;
  std::string_view printed = {};
};

constexpr NamedField named_fields[] = {
    {"arp htype", Field::arp_other, Type::integer, 16},
    {"arp ptype", Field::arp_other, Type::ether_type, 16},
    {"arp hlen", Field::arp_other, Type::integer, 8},
    {"arp plen", Field::arp_other, Type::integer, 8},
    {"arp operation", Field::arp_other, Type::arp_op, 16},
    {"arp saddr ether", Field::arp_other, Type::ether_addr, 48},
    {"arp daddr ether", Field::arp_other, Type::ether_addr, 48},
    {"arp saddr ip", Field::arp_other, Type::ipv4_addr, 32},
    {"arp daddr ip", Field::arp_other, Type::ipv4_addr, 32},
    {"vlan id", Field::vlan_other, Type::integer, 12},
    {"vlan cfi", Field::vlan_other, Type::integer, 1, "vlan dei"},
    {"vlan dei", Field::vlan_other, Type::integer, 1},
    {"vlan pcp", Field::vlan_other, Type::integer, 3},
    {"vlan type", Field::vlan_other, Type::ether_type, 16},
    {"exthdr hbh", Field::exthdr, Type::boolean, 8},
    {"exthdr rt", Field::exthdr, Type::boolean, 8},
    {"exthdr frag", Field::exthdr, Type::boolean, 8},
    {"exthdr dst", Field::exthdr, Type::boolean, 8},
    {"exthdr mh", Field::exthdr, Type::boolean, 8},
    {"hbh nexthdr", Field::exthdr, Type::inet_proto, 8},
    {"hbh hdrlength", Field::exthdr, Type::integer, 8},
    {"dst nexthdr", Field::exthdr, Type::inet_proto, 8},
    {"dst hdrlength", Field::exthdr, Type::integer, 8},
    {"frag nexthdr", Field::exthdr, Type::inet_proto, 8},
    {"frag reserved", Field::exthdr, Type::integer, 8},
    {"frag frag-off", Field::exthdr, Type::integer, 13},
    {"frag reserved2", Field::exthdr, Type::integer, 2},
    {"frag more-fragments", Field::exthdr, Type::integer, 1},
    {"frag id", Field::exthdr, Type::integer, 32},
    {"mh nexthdr", Field::exthdr, Type::inet_proto, 8},
    {"mh hdrlength", Field::exthdr, Type::integer, 8},
    {"mh type", Field::exthdr, Type::mh_type, 8},
    {"mh reserved", Field::exthdr, Type::integer, 8},
    {"mh checksum", Field::exthdr, Type::integer, 16},
    {"rt nexthdr", Field::exthdr, Type::inet_proto, 8},
    {"rt hdrlength", Field::exthdr, Type::integer, 8},
    {"rt type", Field::exthdr, Type::integer, 8},
    {"rt seg-left", Field::exthdr, Type::integer, 8},
    {"rt0 addr [", Field::exthdr, Type::ipv6_addr, 128},
    {"rt2 addr", Field::exthdr, Type::invalid, 128},
    {"srh last-entry", Field::exthdr, Type::integer, 8},
    {"srh flags", Field::exthdr, Type::integer, 8},
    {"srh tag", Field::exthdr, Type::integer, 16},
    {"srh sid [", Field::exthdr, Type::ipv6_addr, 128},
    {"rt classid", Field::rt, Type::realm, 32},
    {"rt nexthop", Field::rt, Type::ipv4_addr, 32},
    {"rt ip nexthop", Field::rt, Type::ipv4_addr, 32},
    {"rt ip6 nexthop", Field::rt, Type::ipv6_addr, 128},
    {"rt mtu", Field::rt, Type::integer, 16},
    {"rt ipsec", Field::rt, Type::boolean, 8},
    {"socket transparent", Field::socket, Type::integer, 1},
    {"socket mark", Field::socket, Type::mark, 32},
    {"socket wildcard", Field::socket, Type::integer, 1},
    {"socket cgroupv2 level #", Field::socket, Type::cgroupsv2, 64},
    {"osf name", Field::osf, Type::string, 128},
    {"osf version", Field::osf, Type::string, 128},
    {"osf ttl loose name", Field::osf, Type::string, 128},
    {"osf ttl loose version", Field::osf, Type::string, 128},
    {"osf ttl skip name", Field::osf, Type::string, 128},
    {"osf ttl skip version", Field::osf, Type::string, 128},
    {"ip option lsrr", Field::ip_option, Type::boolean, 8},
    {"ip option rr", Field::ip_option, Type::boolean, 8},
    {"ip option ssrr", Field::ip_option, Type::boolean, 8},
    {"ip option ra", Field::ip_option, Type::boolean, 8},
    {"ip option lsrr type", Field::ip_option, Type::integer, 8},
    {"ip option lsrr length", Field::ip_option, Type::integer, 8},
    {"ip option lsrr ptr", Field::ip_option, Type::integer, 8},
    {"ip option lsrr addr", Field::ip_option, Type::integer, 32},
    {"ip option rr type", Field::ip_option, Type::integer, 8},
    {"ip option rr length", Field::ip_option, Type::integer, 8},
    {"ip option rr ptr", Field::ip_option, Type::integer, 8},
    {"ip option rr addr", Field::ip_option, Type::integer, 32},
    {"ip option ssrr type", Field::ip_option, Type::integer, 8},
    {"ip option ssrr length", Field::ip_option, Type::integer, 8},
    {"ip option ssrr ptr", Field::ip_option, Type::integer, 8},
    {"ip option ssrr addr", Field::ip_option, Type::integer, 32},
    {"ip option ra type", Field::ip_option, Type::integer, 8},
    {"ip option ra length", Field::ip_option, Type::integer, 8},
    {"ip option ra value", Field::ip_option, Type::integer, 16},
    {"sctp chunk data tsn", Field::sctp_chunk, Type::integer, 32},
    {"sctp chunk data stream", Field::sctp_chunk, Type::integer, 16},
    {"sctp chunk data ssn", Field::sctp_chunk, Type::integer, 16},
    {"sctp chunk data ppid", Field::sctp_chunk, Type::integer, 32},
    {"sctp chunk init init-tag", Field::sctp_chunk, Type::integer, 32},
    {"sctp chunk init a-rwnd", Field::sctp_chunk, Type::integer, 32},
    {"sctp chunk init num-outbound-streams", Field::sctp_chunk, Type::integer, 16},
    {"sctp chunk init num-inbound-streams", Field::sctp_chunk, Type::integer, 16},
    {"sctp chunk init initial-tsn", Field::sctp_chunk, Type::integer, 32},
    {"sctp chunk init-ack init-tag", Field::sctp_chunk, Type::integer, 32},
    {"sctp chunk init-ack a-rwnd", Field::sctp_chunk, Type::integer, 32},
    {"sctp chunk init-ack num-outbound-streams", Field::sctp_chunk, Type::integer, 16},
    {"sctp chunk init-ack num-inbound-streams", Field::sctp_chunk, Type::integer, 16},
    {"sctp chunk init-ack initial-tsn", Field::sctp_chunk, Type::integer, 32},
    {"sctp chunk sack cum-tsn-ack", Field::sctp_chunk, Type::integer, 32},
    {"sctp chunk sack a-rwnd", Field::sctp_chunk, Type::integer, 32},
    {"sctp chunk sack num-gap-ack-blocks", Field::sctp_chunk, Type::integer, 16},
    {"sctp chunk sack num-dup-tsns", Field::sctp_chunk, Type::integer, 16},
    {"sctp chunk shutdown cum-tsn-ack", Field::sctp_chunk, Type::integer, 32},
    {"sctp chunk ecne lowest-tsn", Field::sctp_chunk, Type::integer, 32},
    {"sctp chunk cwr lowest-tsn", Field::sctp_chunk, Type::integer, 32},
    {"sctp chunk asconf-ack seqno", Field::sctp_chunk, Type::integer, 32},
    {"sctp chunk asconf seqno", Field::sctp_chunk, Type::integer, 32},
    {"sctp chunk forward-tsn new-cum-tsn", Field::sctp_chunk, Type::integer, 32},
};

constexpr std::string_view chunks[] = {"data",          "init",        "init-ack", "sack",         "heartbeat",
                                       "heartbeat-ack", "abort",       "shutdown", "shutdown-ack", "error",
                                       "cookie-echo",   "cookie-ack",  "ecne",     "cwr",          "shutdown-complete",
                                       "asconf-ack",    "forward-tsn", "asconf"};

// The next word of `words`, taken off.
std::string_view first_word(std::string_view& words) {
  const std::size_t space = words.find(' ');
  const std::string_view first = words.substr(0, space);
  words.remove_prefix(space == std::string_view::npos ? words.size() : space + 1);
  return first;
}

// How many tokens the option's words match here: all of them, or 0. '[' stands for a number in brackets, '#' for one.
std::size_t match(const Parser& p, std::string_view words) {
  std::size_t at = 0;
  while (!words.empty()) {
    const std::string_view word = first_word(words);
    if (word == "[") {
      if (p.ahead(at).kind != TokenKind::bracket_open || p.ahead(at + 1).kind != TokenKind::number ||
          p.ahead(at + 2).kind != TokenKind::bracket_close)
        return 0;
      at += 3;
    } else if (word == "#") {
      if (p.ahead(at++).kind != TokenKind::number) return 0;
    } else if (p.ahead(at).kind != TokenKind::word || p.ahead(at++).text != word) {
      return 0;
    }
  }
  return at;
}

// Words that could follow the ones that do match, for the message.
std::vector<std::string_view> continuations(const Parser& p, std::size_t& matched) {
  std::vector<std::string_view> words;
  matched = 0;
  for (const NamedField& option : named_fields) {
    std::string_view rest = option.words;
    std::size_t at = 0;
    std::string_view word = first_word(rest);
    while (!word.empty() && p.ahead(at).kind == TokenKind::word && p.ahead(at).text == word)
      word = first_word(rest), ++at;
    if (at < matched || at == 0 || word.empty()) continue;
    if (at > matched) words.clear();
    matched = at;
    if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
  }
  return words;
}

std::string listed(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) text += (text.empty() ? "" : " ") + std::string(word);
  return text;
}

bool fill(Expr& expr, Field field, Type type, std::uint16_t bits, std::string text) {
  expr.field = field;
  expr.type = type;
  expr.length = bits;
  expr.text = std::move(text);
  return true;
}

struct TcpOptionField {
  std::string_view kind, field;
  std::uint16_t bits;
};
constexpr TcpOptionField tcp_option_fields[] = {
    {"maxseg", "size", 16},  {"window", "count", 8}, {"sack", "left", 32},       {"sack", "right", 32},
    {"sack1", "left", 32},   {"sack1", "right", 32}, {"sack2", "left", 32},      {"sack2", "right", 32},
    {"sack3", "left", 32},   {"sack3", "right", 32}, {"timestamp", "tsval", 32}, {"timestamp", "tsecr", 32},
    {"mptcp", "subtype", 4},
};

bool parse_tcp_option(Parser& p, Expr& expr) {
  p.take();
  p.take();
  std::string text = "tcp option ";
  if (p.take_if(TokenKind::at)) {
    std::string kind;
    std::uint64_t offset = 0, bits = 0;
    if (!parse_tcp_option_kind(p, kind) || !p.need(TokenKind::comma, "','") ||
        !parse_number(p, offset, 2040, "the first bit") || !p.need(TokenKind::comma, "','") ||
        !parse_number(p, bits, 128, "the number of bits"))
      return false;
    text += "@" + kind + "," + std::to_string(offset) + "," + std::to_string(bits);
    return fill(expr, Field::tcp_option, Type::integer, static_cast<std::uint16_t>(bits), std::move(text));
  }
  std::string kind;
  if (!parse_tcp_option_kind(p, kind)) return false;
  text += kind;
  if (p.take_word("length")) return fill(expr, Field::tcp_option, Type::integer, 8, text + " length");
  for (const TcpOptionField& entry : tcp_option_fields)
    if (entry.kind == kind && p.take_word(entry.field))
      return fill(expr, Field::tcp_option, Type::integer, entry.bits, text + " " + std::string(entry.field));
  return fill(expr, Field::tcp_option, Type::boolean, 8, std::move(text));
}

bool parse_sctp_chunk(Parser& p, Expr& expr) {
  p.take();
  p.take();
  if (!p.is(TokenKind::word) || std::find(std::begin(chunks), std::end(chunks), p.now().text) == std::end(chunks))
    return p.unexpected("a chunk of sctp: " + listed(chunks), chunks);
  std::string text = "sctp chunk " + std::string(p.take().text);
  for (const std::string_view field :
       {std::string_view("type"), std::string_view("flags"), std::string_view("length")}) {
    if (!p.take_word(field)) continue;
    return fill(expr, Field::sctp_chunk, Type::integer, field == "length" ? 16 : 8, text + " " + std::string(field));
  }
  return fill(expr, Field::sctp_chunk, Type::boolean, 8, std::move(text));
}

// ipsec in|out [spnum N] spi|reqid, or ip|ip6 saddr|daddr.
bool parse_ipsec(Parser& p, Expr& expr) {
  p.take();
  constexpr std::string_view directions[] = {"in", "out"};
  if (!p.is_word("in") && !p.is_word("out")) return p.unexpected("in or out", directions);
  std::string text = "ipsec " + std::string(p.take().text);
  if (p.take_word("spnum")) {
    std::uint64_t number = 0;
    if (!parse_number(p, number, 255, "a number")) return false;
    if (number > 0) text += " spnum " + std::to_string(number);
  }
  if (p.is_word("spi") || p.is_word("reqid"))
    return fill(expr, Field::ipsec, Type::integer, 32, text + " " + std::string(p.take().text));
  if (!p.is_word("ip") && !p.is_word("ip6")) return p.unexpected("spi, reqid, ip or ip6");
  const bool v6 = p.is_word("ip6");
  text += " " + std::string(p.take().text);
  if (!p.is_word("saddr") && !p.is_word("daddr")) return p.unexpected("saddr or daddr");
  text += " " + std::string(p.take().text);
  return v6 ? fill(expr, Field::ipsec, Type::ipv6_addr, 128, std::move(text))
            : fill(expr, Field::ipsec, Type::ipv4_addr, 32, std::move(text));
}

}  // namespace

bool parse_tcp_option_kind(Parser& p, std::string& kind) {
  struct Kind {
    std::string_view word, printed;
  };
  static constexpr Kind kinds[] = {{"echo", "echo"},
                                   {"eol", "eol"},
                                   {"fastopen", "fastopen"},
                                   {"md5sig", "md5sig"},
                                   {"mptcp", "mptcp"},
                                   {"maxseg", "maxseg"},
                                   {"mss", "maxseg"},
                                   {"nop", "nop"},
                                   {"noop", "nop"},
                                   {"sack-perm", "sack-perm"},
                                   {"sack-permitted", "sack-perm"},
                                   {"timestamp", "timestamp"},
                                   {"window", "window"},
                                   {"sack", "sack"},
                                   {"sack0", "sack"},
                                   {"sack1", "sack1"},
                                   {"sack2", "sack2"},
                                   {"sack3", "sack3"}};
  // Numbers that nft prints by name.
  static constexpr std::string_view by_number[] = {"eol",  "nop",  "maxseg", "window",   "sack-perm",
                                                   "sack", "echo", "",       "timestamp"};
  if (p.is(TokenKind::number)) {
    std::uint64_t number = 0;
    if (!parse_number(p, number, 255, "the kind of an option")) return false;
    kind = number < std::size(by_number) && !by_number[number].empty() ? std::string(by_number[number])
                                                                       : std::to_string(number);
    return true;
  }
  std::vector<std::string_view> words;
  for (const Kind& entry : kinds) {
    if (p.take_word(entry.word)) {
      kind = entry.printed;
      return true;
    }
    words.push_back(entry.word);
  }
  return p.unexpected("an option of tcp: " + listed(words), words);
}

bool begins_option(const Parser& p) {
  const std::string_view word = p.now().text;
  if (word == "ip" || word == "tcp") return p.ahead(1).kind == TokenKind::word && p.ahead(1).text == "option";
  if (word == "sctp") return p.ahead(1).kind == TokenKind::word && p.ahead(1).text == "chunk";
  constexpr std::string_view heads[] = {"arp", "vlan", "exthdr", "hbh", "dst",    "frag", "mh",
                                        "rt",  "rt0",  "rt2",    "srh", "socket", "osf",  "ipsec"};
  return std::find(std::begin(heads), std::end(heads), word) != std::end(heads);
}

bool parse_option(Parser& p, Expr& expr) {
  const NamedField* best = nullptr;
  std::size_t length = 0;
  if (p.is_word("tcp")) return parse_tcp_option(p, expr);
  if (p.is_word("ipsec")) return parse_ipsec(p, expr);
  for (const NamedField& option : named_fields) {
    const std::size_t n = match(p, option.words);
    if (n > length) best = &option, length = n;
  }
  if (best == nullptr && p.is_word("sctp")) return parse_sctp_chunk(p, expr);
  if (best == nullptr) {
    std::size_t matched = 0;
    std::vector<std::string_view> words = continuations(p, matched);
    for (std::string_view& word : words) word = word == "#" ? "number" : word == "[" ? "[number]" : word;
    for (std::size_t i = 0; i < matched; ++i) p.take();
    return p.unexpected("one of: " + listed(words), words);
  }
  Type type = best->type;
  const bool next_hop = best->words == "rt nexthop";
  if (next_hop) {
    if (p.network == TableFamily::ip6) type = Type::ipv6_addr;
    if (p.network != TableFamily::ip && p.network != TableFamily::ip6)
      return p.fail({p.now().begin, p.ahead(1).end}, "the family of this address is not known here",
                    "'rt ip nexthop' or 'rt ip6 nexthop'");
  }
  std::string text;
  std::string_view words = best->printed.empty() ? best->words : best->printed;
  for (std::size_t i = 0; i < length; ++i) {
    const Token token = p.take();
    if (token.kind == TokenKind::word)
      text += (i == 0 ? "" : " ") + std::string(first_word(words));
    else if (token.kind == TokenKind::number && p.is(TokenKind::bracket_close))
      text += std::to_string(token.number);
    else if (token.kind == TokenKind::number)
      text += " " + std::to_string(token.number);
    else
      text += token.text;
  }
  if (next_hop) text = p.network == TableFamily::ip6 ? "rt ip6 nexthop" : "rt ip nexthop";
  return fill(expr, best->field, type, best->bits, std::move(text));
}

}  // namespace fourtuple::nft
