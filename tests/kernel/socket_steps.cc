// The socket calls of a case, answered as Python's socket module answers them.
#include <algorithm>

#include "sim/stack/syscalls.h"
#include "tests/kernel/session.h"
#include "tests/kernel/sha1.h"

namespace fourtuple::kernel_case {
namespace {

using stack::Result;
using state::Errno;

Json failed(Errno error) {
  return {{"errno", std::string(name_of(error))}};
}

Json nothing_or(const Result& result) {
  return result.error == Errno::ok ? Json() : failed(result.error);
}

IpAddress parse(const std::string& text) {
  return IpAddress::parse(text).value_or(IpAddress{});
}

struct Caller {
  Session& s;
  const Json& spec;
  stack::Context c;

  AddressId address(const std::string& text) { return c.system.addresses.intern(parse(text)); }
  stack::Peer peer() {
    return {address(spec["to"][0].get<std::string>()), static_cast<std::uint16_t>(s.labels.resolve(spec["to"][1]))};
  }
  Json endpoint(AddressId address, std::uint16_t port, bool six) const {
    const IpAddress& ip = c.address(address);
    const std::string text = ip.to_string();
    return Json::array({six && ip.family == Family::ipv4 ? "::ffff:" + text : text, s.labels.port(port)});
  }

  // --- opening ---
  Json open() {
    const bool udp = spec.value("proto", "tcp") == "udp";
    const std::string own = spec.value("addr", "");
    const std::string other = spec.contains("to") ? spec["to"][0].get<std::string>() : "";
    const bool six = own.find(':') != std::string::npos || other.find(':') != std::string::npos;
    const Node* node = s.names.find(spec.at("host").get<std::string>());
    if (node == nullptr) return failed(Errno::einval);
    NamedSocket made;
    made.protocol = udp ? Protocol::udp : Protocol::tcp;
    made.process = stack::start_process(c, node->id, {}, {}, 0, 100 + static_cast<std::uint32_t>(s.sockets.size()));
    const Result socket = stack::sys_socket(c, made.process, made.protocol, six ? Family::ipv6 : Family::ipv4);
    made.fd = socket.value;
    made.socket = socket.socket;
    s.sockets[spec["sock"].get<std::string>()] = made;
    stack::sys_set_flags(c, made.process, made.fd, state::SocketFlag::reuse_address, true);
    if (spec.contains("addr") || spec.contains("port")) {
      const auto port = static_cast<std::uint16_t>(spec.value("port", 0));
      const Result bound =
          stack::sys_bind(c, made.process, made.fd, address(own.empty() ? (six ? "::" : "0.0.0.0") : own), port);
      if (bound.error != Errno::ok) return failed(bound.error);
    }
    if (spec["op"] == "listen" && !udp)
      return nothing_or(stack::sys_listen(c, made.process, made.fd, spec.value("backlog", 16u)));
    if (spec["op"] != "connect") return {};
    c.system.tcp_config.segment_cost = 0;
    const Result connected = stack::sys_connect(c, made.process, made.fd, peer());
    return connected.error == Errno::einprogress ? Json() : nothing_or(connected);
  }

  Json accept(const NamedSocket& listener) {
    const Result taken = stack::sys_accept(c, listener.process, listener.fd);
    if (taken.error != Errno::ok) return failed(taken.error);
    s.sockets[spec.at("as").get<std::string>()] = {listener.process, taken.value, taken.socket, Protocol::tcp, false};
    const FourTuple& tuple = c.socket(taken.socket).tuple;
    return {{"peer", endpoint(tuple.remote, tuple.remote_port, c.socket(listener.socket).family == Family::ipv6)}};
  }

  // --- data ---
  stack::Payload payload() {
    if (!spec.contains("data")) return {s.filler, 0, spec.value("len", 1u)};
    std::vector<trace::Content>& contents = s.trace.mutable_tables().contents;
    contents.push_back({spec["data"].get<std::string>()});
    return {
        {static_cast<std::uint32_t>(contents.size() - 1)}, 0, static_cast<std::uint32_t>(contents.back().text.size())};
  }
  Json write(const NamedSocket& socket) {
    const Result sent = spec.contains("to") ? stack::sys_sendto(c, socket.process, socket.fd, payload(), peer())
                                            : stack::sys_send(c, socket.process, socket.fd, payload());
    return sent.error == Errno::ok ? Json{{"n", sent.value}} : failed(sent.error);
  }
  std::string bytes_of(const stack::Payload& part) const {
    if (part.length == 0) return {};
    const std::string& text = s.trace.tables().contents[part.content.value].text;
    if (part.content == s.filler || part.offset + part.length > text.size()) return std::string(part.length, 'x');
    return text.substr(part.offset, part.length);
  }
  Json read(const NamedSocket& socket) {
    std::string data;
    stack::Payload part;
    stack::Peer from;
    Result got = stack::sys_receive(c, socket.process, socket.fd, 1u << 20, part, from);
    if (got.error != Errno::ok) return failed(got.error);
    data = bytes_of(part);
    const bool datagrams = socket.protocol == Protocol::udp;
    while (!datagrams && got.value > 0 && c.socket(socket.socket).receive_queue > 0) {
      got = stack::sys_receive(c, socket.process, socket.fd, 1u << 20, part, from);
      if (got.error != Errno::ok || got.value == 0) break;
      data += bytes_of(part);
    }
    Json out{{"n", data.size()}, {"sha", sha1(data).substr(0, 8)}};
    if (datagrams) out["peer"] = endpoint(from.address, from.port, c.socket(socket.socket).family == Family::ipv6);
    return out;
  }

  // --- ends ---
  Json close(NamedSocket& socket, bool reset) {
    if (reset) stack::sys_linger(c, socket.process, socket.fd, 0);
    socket.closed = true;
    return nothing_or(stack::sys_close(c, socket.process, socket.fd));
  }
  Json status(const NamedSocket& socket) {
    const state::Socket& seen = c.socket(socket.socket);
    Json out{{"error", nullptr}, {"tcp_state", nullptr}};
    if (seen.error != Errno::ok) {
      out["error"] = std::string(name_of(seen.error));
      change(c, seen.host, trace::SocketError{socket.socket, 0, {}});  // SO_ERROR tells it once
    }
    if (socket.protocol == Protocol::tcp) out["tcp_state"] = static_cast<int>(seen.tcp_state);
    return out;
  }
};

}  // namespace

Json Session::socket_step(const Json& spec) {
  const std::string op = spec.at("op").get<std::string>();
  Caller call{*this, spec, driver().context()};
  if (op == "listen" || op == "connect" || op == "bind") return call.open();
  const auto found = sockets.find(spec.at("sock").get<std::string>());
  if (found == sockets.end()) return {{"skipped", true}};
  NamedSocket& socket = found->second;
  if (op == "reset" && socket.closed) return failed(Errno::ebadf);
  if (op == "close" && socket.closed) return {};
  if (socket.closed) return failed(Errno::ebadf);
  if (op == "accept") return call.accept(socket);
  if (op == "write") return call.write(socket);
  if (op == "read") return call.read(socket);
  if (op == "shutdown") return nothing_or(stack::sys_shutdown(call.c, socket.process, socket.fd, stack::Shut::write));
  if (op == "close" || op == "reset") return call.close(socket, op == "reset");
  if (op == "status") return call.status(socket);
  return {{"error", "unknown op " + op}};
}

}  // namespace fourtuple::kernel_case
