#include "capture/names/dns.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "capture/names/name_text.h"

namespace fourtuple::capture {
namespace {

constexpr std::uint16_t type_a = 1, type_cname = 5, type_ptr = 12, type_aaaa = 28, class_internet = 1;
constexpr std::size_t header_length = 12, longest_name = 254, longest_label = 63;
constexpr std::size_t most_aliases = 16, most_answers = 64;
constexpr int most_jumps = 128;

// A name is kept as on the wire, in lower case: each label behind its length, without the root.
using Name = std::string;

char lower(std::uint8_t byte) {
  return static_cast<char>(byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
}

// Reads the name at `at` and moves behind it. Compression may only point backwards, so it ends.
bool read_name(Bytes message, std::size_t& at, Name& name) {
  name.clear();
  std::size_t here = at, least = at;
  for (int jumps = 0; here < message.size() && jumps <= most_jumps;) {
    const std::size_t length = message[here];
    if (length > longest_label) {
      if (length < 0xc0 || here + 1 >= message.size()) return false;
      if (jumps++ == 0) at = here + 2;
      here = ((length & 0x3f) << 8) | message[here + 1];
      if (here >= least) return false;
      least = here;
      continue;
    }
    if (length == 0) {
      if (jumps == 0) at = here + 1;
      return true;
    }
    if (here + 1 + length > message.size() || name.size() + 1 + length > longest_name) return false;
    name += static_cast<char>(length);
    for (const std::uint8_t byte : message.subspan(here + 1, length)) name += lower(byte);
    here += 1 + length;
  }
  return false;
}

std::vector<std::string_view> labels_of(std::string_view name) {
  std::vector<std::string_view> labels;
  while (!name.empty()) {
    const auto length = static_cast<unsigned char>(name.front());
    labels.push_back(name.substr(1, length));
    name.remove_prefix(1 + length);
  }
  return labels;
}

std::string text_of(const Name& name) {
  std::string text;
  for (const std::string_view label : labels_of(name)) text += (text.empty() ? "" : ".") + escaped(label, ".");
  return within_limit(std::move(text));
}

std::optional<std::uint8_t> number(std::string_view text, int base) {
  std::uint8_t value = 0;
  const auto done = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (done.ec != std::errc() || done.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

// The address that "4.3.2.1.in-addr.arpa" or 32 nibbles below "ip6.arpa" ask about.
std::optional<IpAddress> reversed_address(const Name& name) {
  const std::vector<std::string_view> labels = labels_of(name);
  const std::size_t parts = labels.size() - std::min<std::size_t>(labels.size(), 2);
  const bool v4 = parts == 4 && labels[4] == "in-addr", v6 = parts == 32 && labels[32] == "ip6";
  if ((!v4 && !v6) || labels.back() != "arpa") return std::nullopt;
  IpAddress address;
  address.family = v4 ? Family::ipv4 : Family::ipv6;
  for (std::size_t i = 0; i < parts; ++i) {
    const auto value = number(labels[parts - 1 - i], v4 ? 10 : 16);
    if (!value || (v6 && *value > 15)) return std::nullopt;
    std::uint8_t& byte = address.bytes[v4 ? i : i / 2];
    byte = static_cast<std::uint8_t>(v4 ? *value : (byte << 4) | *value);
  }
  return address;
}

bool names_one_host(const IpAddress& address) {
  return !address.is_wildcard() && !address.is_loopback() && !address.is_multicast() && !address.is_broadcast();
}

class Response {
 public:
  explicit Response(Bytes message) : message_(message) {}

  std::vector<DnsAnswer> read();

 private:
  struct Owned {
    Name owner;
    IpAddress address;
  };

  bool skip_questions(std::size_t count);
  bool take_record(bool wanted);
  void take_data(std::uint16_t type, std::size_t at, std::size_t length);
  // The beginning of the chain of aliases that leads to `name`.
  const Name& asked(const Name& name) const;

  Bytes message_;
  std::size_t at_ = header_length;
  Name owner_;
  std::vector<std::pair<Name, Name>> aliases_;  // alias, what it stands for
  std::vector<Owned> addresses_;
  std::vector<DnsAnswer> answers_;
};

bool Response::skip_questions(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (!read_name(message_, at_, owner_)) return false;
    at_ += 4;
  }
  return at_ <= message_.size();
}

bool Response::take_record(bool wanted) {
  constexpr std::size_t fixed_length = 10;
  constexpr std::uint16_t cache_flush = 0x8000;  // RFC 6762 section 10.2
  if (!read_name(message_, at_, owner_) || at_ + fixed_length > message_.size()) return false;
  const std::uint8_t* fixed = message_.data() + at_;
  const std::uint16_t type = load16(fixed), of_class = load16(fixed + 2);
  const std::size_t length = load16(fixed + 8), data = at_ + fixed_length;
  if (data + length > message_.size()) return false;
  at_ = data + length;
  if (wanted && (of_class & ~cache_flush) == class_internet) take_data(type, data, length);
  return true;
}

void Response::take_data(std::uint16_t type, std::size_t at, std::size_t length) {
  const bool v4 = type == type_a && length == 4, v6 = type == type_aaaa && length == 16;
  if ((v4 || v6) && addresses_.size() < most_answers) {
    IpAddress address = IpAddress::wildcard(v4 ? Family::ipv4 : Family::ipv6);
    std::copy_n(message_.begin() + static_cast<std::ptrdiff_t>(at), length, address.bytes.begin());
    if (names_one_host(address)) addresses_.push_back({owner_, address});
    return;
  }
  const bool alias = type == type_cname && aliases_.size() < most_aliases;
  const bool pointer = type == type_ptr && answers_.size() < most_answers;
  Name target;
  std::size_t end = at;
  if ((!alias && !pointer) || !read_name(message_, end, target) || end > at + length) return;
  if (alias) {
    aliases_.emplace_back(owner_, std::move(target));
  } else if (const auto address = reversed_address(owner_); address && names_one_host(*address)) {
    answers_.push_back({*address, text_of(target), true});
  }
}

const Name& Response::asked(const Name& name) const {
  const Name* first = &name;
  for (std::size_t step = 0; step < most_aliases; ++step) {
    const auto alias =
        std::find_if(aliases_.begin(), aliases_.end(), [&](const auto& each) { return each.second == *first; });
    if (alias == aliases_.end()) break;
    first = &alias->first;
  }
  return *first;
}

std::vector<DnsAnswer> Response::read() {
  if (message_.size() < header_length) return {};
  const std::uint8_t* header = message_.data();
  const std::uint16_t flags = load16(header + 2);
  // A response (QR) to a standard query, without an error: opcode and RCODE 0.
  if ((flags & 0xf80f) != 0x8000 || !skip_questions(load16(header + 4))) return {};
  const std::uint32_t answers = load16(header + 6), authorities = load16(header + 8), others = load16(header + 10);
  bool more = true;
  for (std::uint32_t i = 0; more && i < answers + authorities + others; ++i)
    more = take_record(i < answers || i >= answers + authorities);
  for (const Owned& each : addresses_) answers_.push_back({each.address, text_of(asked(each.owner)), false});
  std::erase_if(answers_, [](const DnsAnswer& answer) { return answer.name.empty(); });
  return std::move(answers_);
}

}  // namespace

std::vector<DnsAnswer> read_dns_answers(Bytes message) {
  return Response(message).read();
}

}  // namespace fourtuple::capture
