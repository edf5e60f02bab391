// The parser at work: recursive descent over a Lexer. Included by the files that make up the parser, each of which
// reads one part of the language. A function that returns false has noted the fault; nothing goes on after it.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sim/base/outcome.h"
#include "sim/drill/language/lexer.h"
#include "sim/drill/language/script.h"

namespace fourtuple::drill {

inline constexpr std::int64_t most32 = 0xffffffff;

class Parser {
 public:
  Parser(std::string_view text, std::string file, const Definitions& definitions)
      : file_(std::move(file)), definitions_(definitions), lexer_(text, definitions_) {}

  Outcome<Script> run();

 private:
  // --- parse.cc ---
  bool script(Script& out);
  bool options(Script& out);
  bool event(Event& out);
  bool time(EventTime& out);
  bool point_in_time(Duration& out, bool& relative);
  bool action(Event& out);

  // --- parse_packet.cc ---
  bool packet(PacketSpec& out);
  bool encapsulation(PacketSpec& out);
  bool ip_fields(IpFields& out);
  bool one_ip_field(IpFields& out);
  bool ports(std::optional<Ports>& out);
  bool tcp(TcpSpec& out, bool inbound);
  bool tcp_flags(TcpSpec& out);
  bool sequence(std::uint32_t& seq, std::uint32_t& length);
  bool tcp_fields(TcpSpec& out);
  bool udp(UdpSpec& out);
  bool icmp(IcmpSpec& out);
  bool icmp_quote(IcmpSpec& out);
  bool length_in_parentheses(std::uint32_t& out);

  // --- parse_options.cc ---
  bool tcp_options(TcpSpec& out);
  bool tcp_option(TcpOptionSpec& out);
  bool numbers_behind(TcpOptionSpec& out, std::initializer_list<std::string_view> names);
  bool sack_blocks(TcpOptionSpec& out);
  bool hex_bytes(TcpOptionSpec& out);
  bool accurate_ecn(TcpOptionSpec& out);

  // --- parse_call.cc ---
  bool call(CallSpec& out);
  bool call_result(CallSpec& out);
  bool expression(Expression& out);
  bool simple_expression(Expression& out);
  bool expressions_until(char end, std::vector<Expression>& out);
  bool structure(Expression& out);

  // --- helpers, parse.cc ---
  bool expected(const Token& found, std::string expectation, std::string suggestion = {});
  bool fault(Place where, std::string message, std::string expectation = {}, std::string suggestion = {});
  bool take_sign(char sign, std::string_view behind);
  bool skip_sign(char sign);
  bool skip_word(std::string_view word);
  // A whole number from `least` to `most`, called `name` in messages.
  bool number(std::int64_t& out, std::int64_t least, std::int64_t most, std::string_view name);
  template <class Integer>
  bool number(Integer& out, std::string_view name, std::int64_t most) {
    std::int64_t value = 0;
    if (!number(value, 0, most, name)) return false;
    out = static_cast<Integer>(value);
    return true;
  }
  // One of `words`; its index.
  bool one_of(std::span<const std::string_view> words, std::size_t& index, const std::string& expectation);
  bool enter(Place where);

  std::string file_;
  Definitions definitions_;
  Lexer lexer_;
  int depth_ = 0;  // of expressions within expressions
  std::optional<Error> error_;
};

// The statements of a %{ }% block; what they are not is said in `not_understood`.
void parse_code(CodeSpec& code);

}  // namespace fourtuple::drill
