#include "sim/stack/syn_cookies.h"

#include <array>

#include "sim/stack/demux.h"
#include "sim/stack/options.h"
#include "sim/stack/packet_path.h"
#include "sim/stack/routing.h"
#include "sim/stack/tcp_socket.h"
#include "sim/tcp/endpoint.h"

namespace fourtuple::stack {
namespace {

constexpr Duration period = seconds(60);       // of the counter in a cookie
constexpr std::uint32_t longest_age = 2;       // MAX_SYNCOOKIE_AGE: periods a cookie is good for
constexpr Duration recent = period * 2;        // TCP_SYNCOOKIE_VALID: after its last cookie a listener expects none
constexpr unsigned counter_shift = 24;         // the counter's place in the sequence number
constexpr std::uint32_t data_mask = 0xffffff;  // the rest of it
constexpr std::uint32_t option_bits = 0x3f;    // TSMASK: of a timestamp
constexpr std::uint32_t no_scale = 0xf;        // TS_OPT_WSCALE_MASK
constexpr std::uint32_t sack_bit = 0x10;       // TS_OPT_SACK

using MssTable = std::array<std::uint16_t, 4>;
constexpr MssTable mss_v4{536, 1300, 1440, 1460};
constexpr MssTable mss_v6{1220, 1420, 1440, 8940};

const MssTable& mss_table(const Context& c, const Packet& packet) {
  return c.address(packet.source).family == Family::ipv6 ? mss_v6 : mss_v4;
}

// `packet` came from the peer; both directions of one connection have one hash.
std::uint32_t secret_of(const Context& c, HostId host, const Packet& packet, std::uint32_t count, std::uint32_t which) {
  const std::uint64_t key = (std::uint64_t{count} << 1 | which) * 0x9e3779b97f4a7c15u;
  const std::uint64_t secret = mix_bits(c.system.hosts[host.value].secret + 0x53594e);  // not the ISNs' own
  return static_cast<std::uint32_t>(mix_bits(secret ^ hash_of(receiver_tuple(packet)) ^ key));
}

std::uint32_t counter_at(Time now) {
  return static_cast<std::uint32_t>(now.ns / period.ns);
}

SeqNumber make_cookie(const Context& c, HostId host, const Packet& syn, std::uint32_t data) {
  const std::uint32_t count = counter_at(c.now);
  return {secret_of(c, host, syn, 0, 0) + syn.seq.raw + (count << counter_shift) +
          ((secret_of(c, host, syn, count, 1) + data) & data_mask)};
}

std::uint32_t mss_index(const MssTable& table, const Packet& syn) {
  const std::uint16_t mss = syn.has_option(TcpOption::mss) ? syn.mss : tcp::default_mss;
  std::uint32_t index = 0;
  for (std::uint32_t i = 1; i < table.size(); ++i)
    if (table[i] <= mss) index = i;
  return index;
}

// The options in place of a timestamp's low bits, never later than the clock (cookie_init_timestamp).
std::uint32_t timestamp_with_options(std::uint32_t now_ms, const Packet& syn) {
  std::uint32_t bits =
      syn.has_option(TcpOption::window_scale) ? std::min<std::uint32_t>(syn.window_scale, 14) : no_scale;
  if (syn.has_option(TcpOption::sack_permitted)) bits |= sack_bit;
  const std::uint32_t stamped = (now_ms & ~option_bits) | bits;
  return stamped > now_ms ? stamped - option_bits - 1 : stamped;
}

void restore_options(const Packet& ack, std::uint32_t bits, Packet& syn) {
  syn.options |= TcpOption::timestamps;
  syn.ts_value = ack.ts_value;
  if ((bits & sack_bit) != 0) syn.options |= TcpOption::sack_permitted;
  if ((bits & no_scale) == no_scale) return;
  syn.options |= TcpOption::window_scale;
  syn.window_scale = static_cast<std::uint8_t>(bits & no_scale);
}

}  // namespace

void send_cookie(Context& c, SocketId listener, const Packet& syn) {
  const HostId host = c.socket(listener).host;
  mut_extra(c, listener).last_cookie = c.now;
  Packet seen = syn;
  if (!syn.has_option(TcpOption::timestamps)) seen.options &= TcpOption::mss;
  const tcp::Config config = tcp_config_for(c, host, receiver_tuple(syn));
  tcp::Connection forgotten;
  tcp::open_passive(forgotten, config, seen, make_cookie(c, host, syn, mss_index(mss_table(c, syn), syn)), c.now);
  Packet answer;
  if (!tcp::next_segment(forgotten, c.now, answer)) return;
  if (answer.has_option(TcpOption::timestamps))
    answer.ts_value = timestamp_with_options(answer.ts_value - config.timestamp_offset, seen) + config.timestamp_offset;
  tcp_send_answer(c, host, syn, answer);
}

bool read_cookie(Context& c, SocketId listener, const Packet& ack, Packet& syn) {
  const HostId host = c.socket(listener).host;
  const SocketExtra* extra = extra_of(c, listener);
  const bool expected = extra != nullptr && extra->last_cookie != Time::never() && c.now - extra->last_cookie <= recent;
  if (c.system.hosts[host.value].sysctls.syncookies == 0 || !expected) return false;
  const std::uint32_t rest = ack.ack.raw - 1 - secret_of(c, host, ack, 0, 0) - (ack.seq.raw - 1);
  const std::uint32_t age = (counter_at(c.now) - (rest >> counter_shift)) & (0xffffffffu >> (32 - 8));
  if (age >= longest_age) return false;
  const std::uint32_t data = (rest - secret_of(c, host, ack, counter_at(c.now) - age, 1)) & data_mask;
  const MssTable& table = mss_table(c, ack);
  if (data >= table.size()) return false;
  syn = ack;
  syn.flags = TcpFlag::syn;
  syn.seq = ack.seq - 1;
  syn.options = TcpOption::mss;
  syn.mss = table[data];
  if (!ack.has_option(TcpOption::timestamps)) return true;
  const tcp::Config config = tcp_config_for(c, host, receiver_tuple(ack));
  restore_options(ack, (ack.ts_echo - config.timestamp_offset) & option_bits, syn);
  return true;
}

}  // namespace fourtuple::stack
