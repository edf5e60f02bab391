// A packetdrill script as a tree: options, then events, each with a time and one action, each with its place in the
// text. Nothing is judged here: addresses, symbols and numbers mean what the runner makes of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sim/base/time.h"

namespace fourtuple::drill {

// Line and column in the script, from 1.
struct Place {
  int line = 0;
  int column = 0;
};

// `--mtu=1500`; value as written, without quotes; empty where there is no '='.
struct ScriptOption {
  Place where;
  std::string name, value;
};

// When an event happens. Instants and spans count from the start of the script or from the event before.
struct EventTime {
  enum class Kind : std::uint8_t {
    absolute,        // 1.5
    relative,        // +.1
    any,             // *
    absolute_range,  // 1~2
    relative_range,  // +1~+2
  };
  Kind kind = Kind::absolute;
  Place where;
  Duration first{0}, last{0};  // `last` of ranges only

  bool is_relative() const { return kind == Kind::relative || kind == Kind::relative_range; }
  bool is_range() const { return kind == Kind::absolute_range || kind == Kind::relative_range; }
};

// --- packets ---

// The bytes of an IP header that a script can name.
struct IpFields {
  enum class Ecn : std::uint8_t { none, ect0, ect1, ce, either };  // noecn, ect0, ect1, ce, ect01
  std::optional<Ecn> ecn;
  std::optional<std::uint8_t> tos;
  std::optional<std::uint32_t> flow_label;
  std::optional<std::uint8_t> ttl;

  bool any() const { return ecn || tos || flow_label || ttl; }
};

struct TcpOptionSpec {
  enum class Kind : std::uint8_t {
    end,  // eol
    nop,
    mss,              // numbers: the size
    window_scale,     // numbers: the shift
    sack_permitted,   // sackOK
    sack,             // numbers: first and last of each block
    timestamps,       // numbers: val, ecr
    md5,              // bytes: the digest
    fast_open,        // FO: bytes: the cookie
    fast_open_trial,  // FOEXP
    accurate_ecn,     // ECN: names of the fields in `fields`, their counts in numbers
  };
  Kind kind = Kind::nop;
  Place where;
  std::vector<std::uint32_t> numbers;
  std::vector<std::uint8_t> bytes;
  std::vector<std::string> fields;
};

using OptionKind = TcpOptionSpec::Kind;

struct Ports {
  std::uint16_t source = 0, destination = 0;
};

struct TcpSpec {
  std::optional<Ports> ports;
  std::uint8_t flags = 0;           // TcpFlag bits
  bool accurate_ecn = false;        // A: the AE bit
  std::optional<std::uint8_t> ace;  // a digit: the three ECN bits as one number
  std::uint32_t seq = 0;
  std::uint32_t length = 0;  // bytes of payload
  std::optional<std::uint32_t> ack;
  std::optional<std::uint16_t> window;  // as on the wire
  std::optional<std::uint16_t> urgent;
  std::vector<TcpOptionSpec> options;
  bool any_options = false;  // <...>
};

struct UdpSpec {
  std::optional<Ports> ports;
  std::uint32_t length = 0;
};

struct IcmpSpec {
  Place type_where;
  std::string type, code;  // "unreachable", "host_unreachable"; the code may be absent
  std::optional<std::uint32_t> mtu, echo_id;
  enum class Quoted : std::uint8_t { nothing, tcp, udp, raw };
  Quoted quoted = Quoted::nothing;
  std::uint32_t seq = 0, length = 0;
};

// A header around the packet: ipv4, ipv6, gre, mpls, encap. Parsed so that it can be told that nobody simulates it.
struct Encapsulation {
  Place where;
  std::string name;
  std::string text;  // as written
};

struct PacketSpec {
  Place where;
  bool inbound = false;  // '<': given to the kernel under test; '>': expected of it
  std::vector<Encapsulation> around;
  IpFields ip;
  std::variant<TcpSpec, UdpSpec, IcmpSpec> content;
};

// --- system calls ---

// A value as the script writes it.
struct Expression {
  enum class Kind : std::uint8_t {
    integer,    // number
    word,       // text: a symbol
    string,     // text
    ellipsis,   // ...
    list,       // [1, 2]: items
    structure,  // {fd=3, events=POLLIN}: fields
    either,     // A|B: items
    call,       // htons(80): text and items
  };
  struct Field;
  Kind kind = Kind::integer;
  Place where;
  std::int64_t number = 0;
  std::string text;
  std::vector<Expression> items;
  std::vector<Field> fields;
};
// `name = value`, or `name(count) = value`.
struct Expression::Field {
  Place where;
  std::string name;
  std::vector<Expression> count;  // none or one
  std::vector<Expression> value;  // one
};

struct CallSpec {
  Place where;
  std::string name;
  std::vector<Expression> arguments;
  std::optional<EventTime> end;  // the call blocks until then
  Expression result;             // integer or ellipsis
  std::string error;             // "EAGAIN"; empty: not told
  std::string note;              // in parentheses, for readers
};

// `shell text`
struct CommandSpec {
  Place where;
  std::string text;
};

// --- code: what %{ }% may hold ---

struct CodeExpression {
  enum class Kind : std::uint8_t { number, text, name, binary, format };
  Kind kind = Kind::number;
  Place where;
  std::int64_t number = 0;
  std::string text;                   // of a text, a name, an operator
  std::vector<CodeExpression> parts;  // binary: both sides; format: the text and its values
};

using CodeKind = CodeExpression::Kind;

struct CodeStatement {
  enum class Kind : std::uint8_t { assertion, print, assign, add };
  Kind kind = Kind::assertion;
  Place where;
  std::string name;                   // assign, add
  std::vector<CodeExpression> value;  // one; of an assertion, its message may follow
};

struct CodeSpec {
  Place where;
  std::string text;
  std::vector<CodeStatement> statements;
  std::string not_understood;  // why `statements` are not all of it; empty: they are
};

struct Event {
  EventTime time;
  std::variant<PacketSpec, CallSpec, CommandSpec, CodeSpec> action;
};

struct Script {
  std::string file;
  std::vector<ScriptOption> options;
  std::optional<CommandSpec> before, after;  // run before the first event and behind the last
  std::vector<Event> events;
};

}  // namespace fourtuple::drill
