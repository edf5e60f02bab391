#include "sim/tcp/syn_cookie.h"

#include <algorithm>
#include <array>

#include "sim/wire/four_tuple.h"

namespace fourtuple::tcp {
namespace {

constexpr Duration period = seconds(60);       // of the counter in a cookie
constexpr std::uint32_t longest_age = 2;       // MAX_SYNCOOKIE_AGE: periods a cookie is good for
constexpr unsigned counter_shift = 24;         // the counter's place in the sequence number
constexpr std::uint32_t data_mask = 0xffffff;  // the rest of it
constexpr std::uint32_t no_scale = 0xf;        // TS_OPT_WSCALE_MASK
constexpr std::uint32_t sack_bit = 0x10;       // TS_OPT_SACK
constexpr std::uint8_t max_scale = 14;         // RFC 7323 section 2.3

using MssTable = std::array<std::uint16_t, 4>;
constexpr MssTable mss_v4{536, 1300, 1440, 1460};
constexpr MssTable mss_v6{1220, 1420, 1440, 8940};

const MssTable& mss_table(const CookieKey& key) {
  return key.family == Family::ipv6 ? mss_v6 : mss_v4;
}

// `packet` came from the peer; both directions of one connection have one hash.
std::uint32_t secret_of(const CookieKey& cookie, const Packet& packet, std::uint32_t count, std::uint32_t which) {
  const std::uint64_t key = (std::uint64_t{count} << 1 | which) * 0x9e3779b97f4a7c15u;
  const std::uint64_t secret = mix_bits(cookie.secret + 0x53594e);  // not the ISNs' own
  return static_cast<std::uint32_t>(mix_bits(secret ^ hash_of(receiver_tuple(packet)) ^ key));
}

std::uint32_t counter_at(Time now) {
  return static_cast<std::uint32_t>(now.ns / period.ns);
}

}  // namespace

SeqNumber make_cookie(const CookieKey& key, const Packet& syn, std::uint16_t mss) {
  const MssTable& table = mss_table(key);
  std::uint32_t index = 0;
  for (std::uint32_t i = 1; i < table.size(); ++i)
    if (table[i] <= mss) index = i;
  const std::uint32_t count = counter_at(key.now);
  return {secret_of(key, syn, 0, 0) + syn.seq.raw + (count << counter_shift) +
          ((secret_of(key, syn, count, 1) + index) & data_mask)};
}

std::uint16_t read_cookie(const CookieKey& key, const Packet& ack) {
  const std::uint32_t rest = ack.ack.raw - 1 - secret_of(key, ack, 0, 0) - (ack.seq.raw - 1);
  const std::uint32_t age = (counter_at(key.now) - (rest >> counter_shift)) & (0xffffffffu >> counter_shift);
  if (age >= longest_age) return 0;
  const std::uint32_t index = (rest - secret_of(key, ack, counter_at(key.now) - age, 1)) & data_mask;
  const MssTable& table = mss_table(key);
  return index < table.size() ? table[index] : std::uint16_t{0};
}

std::uint32_t cookie_option_bits(const Packet& syn) {
  const bool scaled = syn.has_option(TcpOption::window_scale);
  const std::uint32_t bits = scaled ? std::min(syn.window_scale, max_scale) : no_scale;
  return syn.has_option(TcpOption::sack_permitted) ? bits | sack_bit : bits;
}

void restore_cookie_options(std::uint32_t bits, Packet& syn) {
  if ((bits & sack_bit) != 0) syn.options |= TcpOption::sack_permitted;
  if ((bits & no_scale) == no_scale) return;
  syn.options |= TcpOption::window_scale;
  syn.window_scale = static_cast<std::uint8_t>(bits & no_scale);
}

}  // namespace fourtuple::tcp
