#include "sim/stack/syn_cookies.h"

#include "sim/stack/demux.h"
#include "sim/stack/options.h"
#include "sim/stack/packet_path.h"
#include "sim/stack/routing.h"
#include "sim/stack/tcp_socket.h"
#include "sim/tcp/endpoint.h"
#include "sim/tcp/syn_cookie.h"

namespace fourtuple::stack {
namespace {

// TCP_SYNCOOKIE_VALID: after its last cookie a listener expects none.
constexpr Duration recent = seconds(120);

tcp::CookieKey cookie_key(const Context& c, HostId host, const Packet& packet) {
  return {c.system.hosts[host.value].secret, c.address(packet.source).family, c.now};
}

// The options in place of a timestamp's low bits, never later than the clock (cookie_init_timestamp).
std::uint32_t timestamp_with_options(std::uint32_t now_ms, const Packet& syn) {
  const std::uint32_t stamped = (now_ms & ~tcp::cookie_option_mask) | tcp::cookie_option_bits(syn);
  return stamped > now_ms ? stamped - tcp::cookie_option_mask - 1 : stamped;
}

}  // namespace

void send_cookie(Context& c, SocketId listener, const Packet& syn) {
  const HostId host = c.socket(listener).host;
  mut_extra(c, listener).last_cookie = c.now;
  Packet seen = syn;
  if (!syn.has_option(TcpOption::timestamps)) seen.options &= TcpOption::mss;
  const tcp::Config config = tcp_config_for(c, host, receiver_tuple(syn));
  const std::uint16_t mss = syn.has_option(TcpOption::mss) ? syn.mss : std::uint16_t{tcp::default_mss};
  tcp::Connection forgotten;
  tcp::open_passive(forgotten, config, seen, tcp::make_cookie(cookie_key(c, host, syn), syn, mss), c.now);
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
  const std::uint16_t mss = tcp::read_cookie(cookie_key(c, host, ack), ack);
  if (mss == 0) return false;
  syn = ack;
  syn.flags = TcpFlag::syn;
  syn.seq = ack.seq - 1;
  syn.options = TcpOption::mss;
  syn.mss = mss;
  if (!ack.has_option(TcpOption::timestamps)) return true;
  const tcp::Config config = tcp_config_for(c, host, receiver_tuple(ack));
  syn.options |= TcpOption::timestamps;
  tcp::restore_cookie_options((ack.ts_echo - config.timestamp_offset) & tcp::cookie_option_mask, syn);
  return true;
}

}  // namespace fourtuple::stack
