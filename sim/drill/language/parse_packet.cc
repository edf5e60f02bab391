// Packets: direction, headers around them, fields of the IP header, and TCP, UDP or ICMP.
#include <algorithm>
#include <fmt/format.h>

#include "sim/base/nearest.h"
#include "sim/drill/language/parser.h"
#include "sim/wire/packet.h"

namespace fourtuple::drill {
namespace {

constexpr std::string_view flag_letters = "SFRP.UEWA01234567-";
constexpr std::string_view headers_around[] = {"ipv4", "ipv6", "gre", "mpls", "encap"};

std::uint8_t flag_of(char letter) {
  switch (letter) {
    case 'S':
      return TcpFlag::syn;
    case 'F':
      return TcpFlag::fin;
    case 'R':
      return TcpFlag::rst;
    case 'P':
      return TcpFlag::psh;
    case '.':
      return TcpFlag::ack;
    case 'U':
      return TcpFlag::urg;
    case 'E':
      return TcpFlag::ece;
    case 'W':
      return TcpFlag::cwr;
    default:
      return 0;
  }
}

}  // namespace

bool Parser::packet(PacketSpec& out) {
  const Token direction = lexer_.take();
  out.where = direction.where;
  out.inbound = direction.is('<');
  if (!encapsulation(out) || !ip_fields(out.ip)) return false;
  if (skip_word("udp")) return udp(out.content.emplace<UdpSpec>());
  if (skip_word("icmp")) return icmp(out.content.emplace<IcmpSpec>());
  return tcp(out.content.emplace<TcpSpec>(), out.inbound);
}

// ipv4 1.2.3.4 > 5.6.7.8 : gre : …; each header ends with a colon.
bool Parser::encapsulation(PacketSpec& out) {
  for (;;) {
    const Token token = lexer_.peek();
    const bool header =
        token.kind == Token::Kind::word &&
        std::find(std::begin(headers_around), std::end(headers_around), token.text) != std::end(headers_around);
    if (!header) return true;
    Encapsulation around{token.where, token.text, {}};
    lexer_.take();
    // Addresses of version 6 hold colons themselves: the one that ends a header stands alone.
    for (bool over = false; !over;) {
      if (lexer_.peek().kind == Token::Kind::end)
        return expected(lexer_.peek(), "':' behind the header " + around.name);
      const std::string_view word = lexer_.take_until_blank();
      over = word.ends_with(':');
      around.text += fmt::format("{}{}", around.text.empty() ? "" : " ", word);
      if (over && !around.text.empty()) around.text.pop_back();
    }
    out.around.push_back(std::move(around));
  }
}

bool Parser::ip_fields(IpFields& out) {
  const bool brackets = lexer_.peek().is('[');
  if (!brackets && !lexer_.peek().is('(')) return true;
  lexer_.take();
  do {
    if (!one_ip_field(out)) return false;
  } while (skip_sign(','));
  return take_sign(brackets ? ']' : ')', "the fields of the IP header");
}

bool Parser::one_ip_field(IpFields& out) {
  constexpr std::string_view names[] = {"noecn", "ect0", "ect1", "ce", "ect01", "tos", "flowlabel", "ttl"};
  std::size_t which = 0;
  if (!one_of(names, which, "noecn, ect0, ect1, ce, ect01, tos, flowlabel or ttl")) return false;
  if (which < 5) {
    out.ecn = static_cast<IpFields::Ecn>(which);
    return true;
  }
  if (names[which] == "tos") return number(out.tos.emplace(), "tos", 255);
  if (names[which] == "ttl") return number(out.ttl.emplace(), "ttl", 255);
  return number(out.flow_label.emplace(), "flowlabel", 0xfffff);
}

// 8080 > 40000
bool Parser::ports(std::optional<Ports>& out) {
  const std::size_t before = lexer_.mark();
  const Token first = lexer_.take();
  const bool port = first.kind == Token::Kind::integer && lexer_.peek().is('>');
  lexer_.go_back(before);
  if (!port) return true;
  out.emplace();
  return number(out->source, "port", 65535) && take_sign('>', "the source port") &&
         number(out->destination, "port", 65535);
}

bool Parser::tcp_flags(TcpSpec& out) {
  const Token token = lexer_.peek();
  const std::string_view flags = lexer_.take_run(flag_letters);
  const bool joined = lexer_.mark() == token.begin + flags.size();
  const char behind = lexer_.look(0);
  const bool word_goes_on = joined && ((behind >= 'a' && behind <= 'z') || (behind >= 'A' && behind <= 'Z'));
  if (flags.empty() || word_goes_on)
    return expected(token, "TCP flags (letters of S F R P . U E W A, or -), udp or icmp");
  if (flags == "-") return true;
  for (const char letter : flags) {
    if (letter == '-') return fault(token.where, "'-' stands for no flags at all", "it alone");
    if (letter == 'A') {
      out.accurate_ecn = true;
    } else if (letter >= '0' && letter <= '7') {
      if (out.ace) return fault(token.where, "two digits among the flags", "one, the ACE field as a number");
      out.ace = static_cast<std::uint8_t>(letter - '0');
    } else {
      const std::uint8_t flag = flag_of(letter);
      if ((out.flags & flag) != 0) return fault(token.where, fmt::format("the flag {} is there twice", letter));
      out.flags = static_cast<std::uint8_t>(out.flags | flag);
    }
  }
  const bool letters = out.accurate_ecn || (out.flags & (TcpFlag::ece | TcpFlag::cwr)) != 0;
  if (out.ace && letters) return fault(token.where, "E, W and A are what the digit says already", "one or the other");
  return true;
}

// 1:1001(1000)
bool Parser::sequence(std::uint32_t& seq, std::uint32_t& length) {
  std::uint32_t end = 0;
  const Place where = lexer_.peek().where;
  if (!number(seq, "sequence number", most32) || !take_sign(':', "the first sequence number")) return false;
  if (!number(end, "sequence number", most32) || !length_in_parentheses(length)) return false;
  if (seq + length == end) return true;
  return fault(where, fmt::format("{} and {} bytes make {}, not {}", seq, length, seq + length, end),
               fmt::format("{}:{}({})", seq, seq + length, length));
}

bool Parser::length_in_parentheses(std::uint32_t& out) {
  return take_sign('(', "the sequence numbers") && number(out, "length", 1 << 24) && take_sign(')', "the length");
}

bool Parser::tcp(TcpSpec& out, bool inbound) {
  const Place where = lexer_.peek().where;
  if (!ports(out.ports) || !tcp_flags(out) || !sequence(out.seq, out.length)) return false;
  if (!tcp_fields(out) || !tcp_options(out)) return false;
  if (inbound && !out.window)
    return fault(where, "a packet given to the kernel needs a window", "'win' and the window field behind the numbers");
  if (inbound && out.any_options) return fault(where, "<...> stands for any options of a packet the kernel sends");
  return true;
}

bool Parser::tcp_fields(TcpSpec& out) {
  if (skip_word("ack") && !number(out.ack.emplace(), "acknowledgment number", most32)) return false;
  if (skip_word("win") && !number(out.window.emplace(), "window", 65535)) return false;
  return !skip_word("urg") || number(out.urgent.emplace(), "urgent pointer", 65535);
}

bool Parser::udp(UdpSpec& out) {
  return ports(out.ports) && length_in_parentheses(out.length);
}

bool Parser::icmp(IcmpSpec& out) {
  const Token type = lexer_.take();
  if (type.kind != Token::Kind::word) return expected(type, "a type of ICMP, such as unreachable or packet_too_big");
  out.type_where = type.where;
  out.type = type.text;
  const Token code = lexer_.peek();
  const bool keyword = code.is_word("mtu") || code.is_word("id");
  if (code.kind == Token::Kind::word && !keyword) out.code = lexer_.take().text;
  if (skip_word("mtu") && !number(out.mtu.emplace(), "MTU", 65535)) return false;
  if (skip_word("id") && !number(out.echo_id.emplace(), "identifier", 65535)) return false;
  return !skip_sign('[') || icmp_quote(out);
}

// [1:1461(1460)], [udp (100)] or [raw (100)]: the packet the error is about.
bool Parser::icmp_quote(IcmpSpec& out) {
  if (skip_word("udp")) {
    out.quoted = IcmpSpec::Quoted::udp;
    if (!length_in_parentheses(out.length)) return false;
  } else if (skip_word("raw")) {
    out.quoted = IcmpSpec::Quoted::raw;
    if (!length_in_parentheses(out.length)) return false;
  } else {
    out.quoted = IcmpSpec::Quoted::tcp;
    if (!sequence(out.seq, out.length)) return false;
  }
  return take_sign(']', "the packet it is about");
}

}  // namespace fourtuple::drill
