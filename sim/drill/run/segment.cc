#include "sim/drill/run/segment.h"

#include <algorithm>
#include <fmt/format.h>

namespace fourtuple::drill {
namespace {

// Numbers of TCP options (IANA); 254 is for experiments, told apart by what follows (RFC 6994).
constexpr std::uint8_t number_end = 0, number_nop = 1, number_mss = 2, number_scale = 3, number_sack_permitted = 4,
                       number_sack = 5, number_timestamps = 8, number_md5 = 19, number_fast_open = 34,
                       number_ecn_0 = 172, number_ecn_1 = 174, number_experiment = 254;
constexpr std::uint8_t fast_open_magic[] = {0xf9, 0x89};

std::uint32_t big_endian(const std::uint8_t* bytes, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = (value << 8) | bytes[i];
  return value;
}

void append(std::vector<std::uint8_t>& out, std::uint32_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void read_numbers(TcpOptionSpec& option, const std::uint8_t* bytes, std::size_t size, std::size_t each) {
  for (std::size_t i = 0; i + each <= size; i += each) option.numbers.push_back(big_endian(bytes + i, each));
}

// One option with a length; `bytes` is what follows its number and length.
TcpOptionSpec read_option(std::uint8_t number, const std::uint8_t* bytes, std::size_t size) {
  TcpOptionSpec option;
  switch (number) {
    case number_mss:
      option.kind = OptionKind::mss;
      read_numbers(option, bytes, size, 2);
      break;
    case number_scale:
      option.kind = OptionKind::window_scale;
      read_numbers(option, bytes, size, 1);
      break;
    case number_sack_permitted:
      option.kind = OptionKind::sack_permitted;
      break;
    case number_sack:
      option.kind = OptionKind::sack;
      read_numbers(option, bytes, size, 4);
      break;
    case number_timestamps:
      option.kind = OptionKind::timestamps;
      read_numbers(option, bytes, size, 4);
      break;
    case number_md5:
      option.kind = OptionKind::md5;
      option.bytes.assign(bytes, bytes + size);
      break;
    case number_fast_open:
      option.kind = OptionKind::fast_open;
      option.bytes.assign(bytes, bytes + size);
      break;
    case number_ecn_0:
    case number_ecn_1:
      option.kind = OptionKind::accurate_ecn;
      read_numbers(option, bytes, size, 3);
      option.fields = number == number_ecn_0 ? std::vector<std::string>{"e0b", "ceb", "e1b"}
                                             : std::vector<std::string>{"e1b", "ceb", "e0b"};
      option.fields.resize(option.numbers.size());
      break;
    case number_experiment:
      if (size < 2 || !std::equal(bytes, bytes + 2, fast_open_magic)) break;
      option.kind = OptionKind::fast_open_trial;
      option.bytes.assign(bytes + 2, bytes + size);
      break;
    default:
      break;
  }
  // A number that is cut off is no number.
  const std::size_t wanted = option.kind == OptionKind::timestamps ? 2 : option.kind == OptionKind::mss ? 1 : 0;
  option.numbers.resize(std::max(option.numbers.size(), wanted));
  if (option.kind == OptionKind::window_scale) option.numbers.resize(1);
  return option;
}

void append_numbers(std::vector<std::uint8_t>& out, std::uint8_t number, const TcpOptionSpec& option, int each) {
  out.push_back(number);
  out.push_back(static_cast<std::uint8_t>(2 + static_cast<std::size_t>(each) * option.numbers.size()));
  for (const std::uint32_t value : option.numbers) append(out, value, each);
}

void append_bytes(std::vector<std::uint8_t>& out, std::uint8_t number, const TcpOptionSpec& option, bool magic) {
  out.push_back(number);
  out.push_back(static_cast<std::uint8_t>(2 + (magic ? 2 : 0) + option.bytes.size()));
  if (magic) out.insert(out.end(), std::begin(fast_open_magic), std::end(fast_open_magic));
  out.insert(out.end(), option.bytes.begin(), option.bytes.end());
}

void append_option(std::vector<std::uint8_t>& out, const TcpOptionSpec& option) {
  switch (option.kind) {
    case OptionKind::end:
      return out.push_back(number_end);
    case OptionKind::nop:
      return out.push_back(number_nop);
    case OptionKind::mss:
      return append_numbers(out, number_mss, option, 2);
    case OptionKind::window_scale:
      return append_numbers(out, number_scale, option, 1);
    case OptionKind::sack_permitted:
      return append_numbers(out, number_sack_permitted, option, 0);
    case OptionKind::sack:
      return append_numbers(out, number_sack, option, 4);
    case OptionKind::timestamps:
      return append_numbers(out, number_timestamps, option, 4);
    case OptionKind::md5:
      return append_bytes(out, number_md5, option, false);
    case OptionKind::fast_open:
      return append_bytes(out, number_fast_open, option, false);
    case OptionKind::fast_open_trial:
      return append_bytes(out, number_experiment, option, true);
    case OptionKind::accurate_ecn: {
      const bool first = option.fields.empty() || option.fields.front() == "e0b";
      return append_numbers(out, first ? number_ecn_0 : number_ecn_1, option, 3);
    }
  }
}

std::string hex(const std::vector<std::uint8_t>& bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text.empty() ? text : " " + text;
}

std::string option_text(const TcpOptionSpec& option) {
  const std::vector<std::uint32_t>& n = option.numbers;
  switch (option.kind) {
    case OptionKind::end:
      return "eol";
    case OptionKind::nop:
      return "nop";
    case OptionKind::mss:
      return fmt::format("mss {}", n[0]);
    case OptionKind::window_scale:
      return fmt::format("wscale {}", n[0]);
    case OptionKind::sack_permitted:
      return "sackOK";
    case OptionKind::sack: {
      std::string text = "sack";
      for (std::size_t i = 0; i + 1 < n.size(); i += 2) text += fmt::format(" {}:{}", n[i], n[i + 1]);
      return text;
    }
    case OptionKind::timestamps:
      return fmt::format("TS val {} ecr {}", n[0], n[1]);
    case OptionKind::md5:
      return "md5" + hex(option.bytes);
    case OptionKind::fast_open:
      return "FO" + hex(option.bytes);
    case OptionKind::fast_open_trial:
      return "FOEXP" + hex(option.bytes);
    case OptionKind::accurate_ecn: {
      std::string text = "ECN";
      for (std::size_t i = 0; i < n.size() && i < option.fields.size(); ++i)
        text += fmt::format(" {} {}", option.fields[i], n[i]);
      return text;
    }
  }
  return {};
}

}  // namespace

const TcpOptionSpec* Segment::option(TcpOptionSpec::Kind kind) const {
  for (const TcpOptionSpec& one : options)
    if (one.kind == kind) return &one;
  return nullptr;
}

TcpOptionSpec* Segment::option(TcpOptionSpec::Kind kind) {
  for (TcpOptionSpec& one : options)
    if (one.kind == kind) return &one;
  return nullptr;
}

std::vector<TcpOptionSpec> read_options(const std::uint8_t* bytes, std::size_t size) {
  std::vector<TcpOptionSpec> options;
  for (std::size_t at = 0; at < size;) {
    const std::uint8_t number = bytes[at];
    if (number <= number_nop) {
      options.emplace_back().kind = number == number_end ? OptionKind::end : OptionKind::nop;
      ++at;
      continue;
    }
    const std::size_t length = at + 1 < size ? bytes[at + 1] : 0;
    if (length < 2 || at + length > size) break;
    options.push_back(read_option(number, bytes + at + 2, length - 2));
    at += length;
  }
  return options;
}

std::vector<std::uint8_t> write_options(const std::vector<TcpOptionSpec>& options) {
  std::vector<std::uint8_t> out;
  for (const TcpOptionSpec& option : options) append_option(out, option);
  return out;
}

std::string text_of(const std::vector<TcpOptionSpec>& options) {
  std::string text;
  for (const TcpOptionSpec& option : options) text += (text.empty() ? "" : ",") + option_text(option);
  return "<" + text + ">";
}

std::string flags_text(std::uint8_t flags, bool accurate_ecn) {
  struct Letter {
    std::uint8_t flag;
    char letter;
  };
  constexpr Letter letters[] = {{TcpFlag::syn, 'S'}, {TcpFlag::fin, 'F'}, {TcpFlag::rst, 'R'}, {TcpFlag::psh, 'P'},
                                {TcpFlag::urg, 'U'}, {TcpFlag::ece, 'E'}, {TcpFlag::cwr, 'W'}};
  std::string text;
  for (const Letter& one : letters)
    if ((flags & one.flag) != 0) text += one.letter;
  if (accurate_ecn) text += 'A';
  if ((flags & TcpFlag::ack) != 0) text += '.';
  return text.empty() ? "-" : text;
}

std::string text_of(const Segment& segment) {
  if (segment.protocol == Protocol::udp) return fmt::format("udp ({})", segment.length);
  std::string text = fmt::format("{} {}:{}({})", flags_text(segment.flags, segment.accurate_ecn), segment.seq,
                                 segment.seq + segment.length, segment.length);
  if (segment.has(TcpFlag::ack)) text += fmt::format(" ack {}", segment.ack);
  text += fmt::format(" win {}", segment.window);
  if (segment.has(TcpFlag::urg)) text += fmt::format(" urg {}", segment.urgent);
  if (!segment.options.empty()) text += " " + text_of(segment.options);
  return text;
}

}  // namespace fourtuple::drill
