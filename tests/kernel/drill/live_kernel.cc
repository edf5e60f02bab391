#include "tests/kernel/drill/live_kernel.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sim/drill/run/symbols.h"

namespace fourtuple::drill {
namespace {

constexpr std::size_t largest_packet = 65536;
constexpr std::chrono::milliseconds call_time{100};  // after which a call counts as blocking

std::int64_t clock_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::uint32_t big_endian(const std::uint8_t* at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = (value << 8) | at[i];
  return value;
}

void append(std::string& out, std::uint32_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> (8 * i)));
}

std::uint16_t sum_of(const std::string& bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    const auto low = i + 1 < bytes.size() ? static_cast<std::uint8_t>(bytes[i + 1]) : std::uint8_t{0};
    sum += (static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[i])) << 8) | low;
  }
  while ((sum >> 16) != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

void put16(std::string& out, std::size_t at, std::uint16_t value) {
  out[at] = static_cast<char>(value >> 8);
  out[at + 1] = static_cast<char>(value);
}

sockaddr_in address_of(const IpAddress& ip, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  std::memcpy(&address.sin_addr, ip.bytes.data(), 4);
  return address;
}

int open_tun() {
  const int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  std::strncpy(request.ifr_name, "tun0", IFNAMSIZ - 1);
  if (fd >= 0 && ioctl(fd, TUNSETIFF, &request) == 0) return fd;
  if (fd >= 0) close(fd);
  return -1;
}

}  // namespace

LiveKernel::LiveKernel(const Setup& setup) : setup_(setup) {
  if (unshare(CLONE_NEWNET) != 0) return;
  tun_ = open_tun();
  const std::string commands = fmt::format(
      "ip addr add {}/{} dev tun0 && ip link set lo up && ip link set tun0 mtu {} up && ip route add {} dev tun0 && "
      "sysctl -qw net.ipv4.tcp_congestion_control=reno net.ipv4.tcp_no_metrics_save=1 net.ipv6.conf.all.disable_ipv6=1 "
      "net.ipv4.tcp_ecn=0",
      setup.local.to_string(), setup.prefix_length, setup.mtu, setup.remote.to_string());
  if (tun_ < 0 || std::system(commands.c_str()) != 0) tun_ = -1;
  start_ns_ = clock_ns();
}

LiveKernel::~LiveKernel() {
  if (tun_ >= 0) close(tun_);
}

Time LiveKernel::now() const {
  return {clock_ns() - start_ns_};
}

bool LiveKernel::read_one(Time limit) {
  const std::int64_t left = std::max<std::int64_t>((limit - now()).ns, 0);
  pollfd wait{tun_, POLLIN, 0};
  const timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
  if (ppoll(&wait, 1, &timeout, nullptr) <= 0) return false;
  std::uint8_t bytes[largest_packet];
  const ssize_t size = read(tun_, bytes, sizeof(bytes));
  if (size < 40 || bytes[0] >> 4 != 4 || bytes[9] != IPPROTO_TCP) return true;
  const std::size_t ip = (bytes[0] & 15u) * 4u, header = (bytes[ip + 12] >> 4) * 4u;
  const std::uint8_t* tcp = bytes + ip;
  Segment segment;
  segment.traffic_class = bytes[1];
  segment.ttl = bytes[8];
  segment.source_port = static_cast<std::uint16_t>(big_endian(tcp, 2));
  segment.destination_port = static_cast<std::uint16_t>(big_endian(tcp + 2, 2));
  segment.seq = big_endian(tcp + 4, 4);
  segment.ack = big_endian(tcp + 8, 4);
  segment.accurate_ecn = (tcp[12] & 1) != 0;
  segment.flags = tcp[13];
  segment.window = static_cast<std::uint16_t>(big_endian(tcp + 14, 2));
  segment.urgent = static_cast<std::uint16_t>(big_endian(tcp + 18, 2));
  segment.length = static_cast<std::uint32_t>(static_cast<std::size_t>(size) - ip - header);
  segment.options = read_options(tcp + 20, header - 20);
  sent_.push_back({now(), segment});
  return true;
}

void LiveKernel::pass_until(Time instant) {
  while (now() < instant) read_one(instant);
}

std::optional<Sent> LiveKernel::next_sent(Time limit) {
  while (sent_.empty())
    if (!read_one(limit) && now() >= limit) return std::nullopt;
  Sent sent = sent_.front();
  sent_.pop_front();
  return sent;
}

void LiveKernel::write_ipv4(std::uint8_t protocol, const std::string& payload, const Segment& segment) const {
  std::string packet;
  append(packet, 0x4500u | segment.traffic_class, 2);
  append(packet, static_cast<std::uint32_t>(20 + payload.size()), 2);
  append(packet, 0x4000, 4);  // identification 0, do not fragment
  append(packet, (static_cast<std::uint32_t>(segment.ttl) << 24) | (static_cast<std::uint32_t>(protocol) << 16), 4);
  packet.append(reinterpret_cast<const char*>(setup_.remote.bytes.data()), 4);
  packet.append(reinterpret_cast<const char*>(setup_.local.bytes.data()), 4);
  put16(packet, 10, sum_of(packet));
  packet += payload;
  if (write(tun_, packet.data(), packet.size()) < 0) std::perror("tun0");
}

Answer LiveKernel::inject(const Segment& segment) {
  const std::vector<std::uint8_t> options = write_options(segment.options);
  std::string tcp;
  append(tcp, segment.source_port, 2);
  append(tcp, segment.destination_port, 2);
  append(tcp, segment.seq, 4);
  append(tcp, segment.ack, 4);
  append(tcp, static_cast<std::uint32_t>((20 + options.size()) / 4) << 4 | (segment.accurate_ecn ? 1u : 0u), 1);
  append(tcp, segment.flags, 1);
  append(tcp, segment.window, 2);
  append(tcp, 0, 2);
  append(tcp, segment.urgent, 2);
  tcp.append(options.begin(), options.end());
  tcp.append(segment.length, '\0');
  std::string pseudo(reinterpret_cast<const char*>(setup_.remote.bytes.data()), 4);
  pseudo.append(reinterpret_cast<const char*>(setup_.local.bytes.data()), 4);
  append(pseudo, IPPROTO_TCP, 2);
  append(pseudo, static_cast<std::uint32_t>(tcp.size()), 2);
  put16(tcp, 16, sum_of(pseudo + tcp));
  write_ipv4(IPPROTO_TCP, tcp, segment);
  return {};
}

Answer LiveKernel::inject(const IcmpMessage&) {
  return {Answer::Kind::cannot, "ICMP is not given to the real kernel"};
}

CallOutcome LiveKernel::carry_out(const KernelCall& call) const {
  CallOutcome out;
  std::string buffer(call.length, '\0');
  const sockaddr_in local = address_of(setup_.local, call.port), remote = address_of(setup_.remote, call.port);
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_port = htons(call.port);
  int value = call.third;
  const linger wait{call.third, call.port};
  socklen_t size = sizeof(value);
  std::vector<pollfd> polled;
  for (const Polled& one : call.polled) polled.push_back({one.fd, static_cast<short>(one.wanted), 0});
  const auto* to = reinterpret_cast<const sockaddr*>(&remote);
  switch (call.kind) {
    case CallKind::socket:
      out.value = socket(call.first, call.second, call.third);
      break;
    case CallKind::bind:
      out.value = bind(call.fd, reinterpret_cast<const sockaddr*>(call.any_address ? &any : &local), sizeof(local));
      break;
    case CallKind::listen:
      out.value = listen(call.fd, call.first);
      break;
    case CallKind::accept:
      out.value = accept(call.fd, nullptr, nullptr);
      break;
    case CallKind::connect:
      out.value = connect(call.fd, to, sizeof(remote));
      break;
    case CallKind::read:
      out.value = recv(call.fd, buffer.data(), buffer.size(), call.first);
      break;
    case CallKind::write:
      out.value = send(call.fd, buffer.data(), buffer.size(), call.first | MSG_NOSIGNAL);
      break;
    case CallKind::send_to:
      out.value = sendto(call.fd, buffer.data(), buffer.size(), MSG_NOSIGNAL, to, sizeof(remote));
      break;
    case CallKind::close:
      out.value = close(call.fd);
      break;
    case CallKind::shutdown:
      out.value = shutdown(call.fd, call.first);
      break;
    case CallKind::get_flags:
      out.value = fcntl(call.fd, F_GETFL);
      break;
    case CallKind::set_flags:
      out.value = fcntl(call.fd, F_SETFL, call.first);
      break;
    case CallKind::set_option: {
      const bool lingers = call.first == SOL_SOCKET && call.second == SO_LINGER;
      const void* from = lingers ? static_cast<const void*>(&wait) : &value;
      out.value = setsockopt(call.fd, call.first, call.second, from, lingers ? sizeof(wait) : sizeof(value));
      break;
    }
    case CallKind::get_option:
      out.value = getsockopt(call.fd, call.first, call.second, &value, &size);
      out.out = value;
      break;
    case CallKind::poll:
      out.value = poll(polled.data(), polled.size(), call.first);
      break;
    case CallKind::unread:
    case CallKind::unsent:
      out.value = ioctl(call.fd, call.kind == CallKind::unread ? Linux::siocinq : Linux::siocoutq, &value);
      out.out = value;
      break;
  }
  out.error = out.value < 0 ? errno : 0;
  out.polled = call.polled;
  for (std::size_t i = 0; i < polled.size(); ++i) out.polled[i].got = polled[i].revents;
  out.at = now();
  return out;
}

void LiveKernel::begin(const KernelCall& call) {
  under_way_ = std::async(std::launch::async, [this, call] { return carry_out(call); });
}

std::optional<CallOutcome> LiveKernel::outcome() {
  if (under_way_.valid()) {
    last_.reset();
    if (under_way_.wait_for(call_time) == std::future_status::ready) last_ = under_way_.get();
  }
  return last_;
}

Answer LiveKernel::set_sysctl(std::string_view name, std::string_view value) {
  std::string path = "/proc/sys/" + std::string(name);
  std::replace(path.begin() + 10, path.end(), '.', '/');
  std::ofstream out(path);
  out << value << std::endl;
  return out ? Answer{} : Answer{Answer::Kind::cannot, "the kernel refuses it"};
}

std::optional<std::int64_t> LiveKernel::tcp_info(std::uint16_t local_port, std::uint16_t remote_port,
                                                 std::string_view field) {
  for (int fd = 3; fd < 64; ++fd) {
    sockaddr_in local{}, remote{};
    socklen_t size = sizeof(local), remote_size = sizeof(remote);
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&local), &size) != 0) continue;
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&remote), &remote_size) != 0) continue;
    if (ntohs(local.sin_port) != local_port || ntohs(remote.sin_port) != remote_port) continue;
    ::tcp_info info{};
    socklen_t length = sizeof(info);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return std::nullopt;
    if (field == "tcpi_state") return info.tcpi_state;
    if (field == "tcpi_ca_state") return info.tcpi_ca_state;
    if (field == "tcpi_snd_cwnd") return info.tcpi_snd_cwnd;
    if (field == "tcpi_snd_ssthresh") return info.tcpi_snd_ssthresh;
    if (field == "tcpi_rto") return info.tcpi_rto;
    if (field == "tcpi_snd_mss") return info.tcpi_snd_mss;
  }
  return std::nullopt;
}

}  // namespace fourtuple::drill
