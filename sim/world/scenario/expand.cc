#include "sim/world/scenario/expand.h"

#include "sim/world/scenario/yaml_tree.h"

namespace fourtuple::world {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// The largest unit that divides the value.
template <std::size_t n>
std::string in_units(std::uint64_t value, const Unit (&units)[n]) {
  for (const Unit& unit : units)
    if (value % unit.factor == 0) return std::to_string(value / unit.factor) + " " + std::string(unit.name);
  return std::to_string(value);
}

std::string yaml_quoted(std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (c == '\n') {
      result += "\\n";
    } else if (c == '\r') {
      result += "\\r";
    } else if (byte < 0x20 || byte == 0x7f) {
      result += "\\x";
      result += hex[byte >> 4];
      result += hex[byte & 15];
    } else {
      result += c;
    }
  }
  return result + "\"";
}

std::string endpoint_text(const IpAddress& address, std::uint16_t port) {
  const std::string text = address.to_string();
  return (address.family == Family::ipv6 ? "[" + text + "]" : text) + ":" + std::to_string(port);
}

std::string protocol_text(Protocol protocol) {
  return protocol == Protocol::udp ? "udp" : protocol == Protocol::tcp ? "tcp" : "icmp";
}

// A flow mapping under construction: { key: value, … }.
class Flow {
 public:
  Flow& put(std::string_view key, std::string_view value) {
    text_ += (text_.empty() ? "" : ", ") + std::string(key) + ": " + std::string(value);
    return *this;
  }
  Flow& put_if(bool condition, std::string_view key, std::string_view value) {
    return condition ? put(key, value) : *this;
  }
  std::string text() const { return text_.empty() ? "{}" : "{ " + text_ + " }"; }

 private:
  std::string text_;
};

class Writer {
 public:
  explicit Writer(const Scenario& scenario) : s_(scenario) {}

  std::string text() {
    keep("title", "summary", "watch", "covers");
    out_ += "seed: " + std::to_string(s_.seed) + "\n";
    if (s_.until) out_ += "until: " + duration_text({s_.until->ns}) + "\n";
    if (!s_.networks.empty()) networks();
    out_ += "\nhosts:\n";
    for (const HostSpec& host : s_.hosts) this->host(host);
    if (!s_.timeline.empty()) out_ += "\ntimeline:\n";
    for (const TimelineEntry& entry : s_.timeline) out_ += "  - " + entry_text(entry) + "\n";
    keep("expect", "captions");
    return std::move(out_);
  }

 private:
  template <class... Keys>
  void keep(Keys... keys) {
    if (out_.empty()) out_ += "fourtuple: 1\n";
    (keep_section(keys), ...);
  }

  // Copies the lines of a key of the file's top level as they are.
  void keep_section(std::string_view key) {
    if (root_.members.empty()) {
      Reporter reporter(s_.file_name, no_overrides_);
      if (!read_tree(s_.text, reporter, root_)) return;
    }
    for (std::size_t i = 0; i < root_.members.size(); ++i) {
      const Mark from = root_.members[i].mark;
      if (root_.members[i].key != key || from.column != 1) continue;
      const std::uint32_t end = i + 1 < root_.members.size() ? root_.members[i + 1].mark.line : UINT32_MAX;
      std::uint32_t line = 1;
      for (std::size_t begin = 0; begin < s_.text.size() && line < end; ++line) {
        const std::size_t stop = std::min(s_.text.find('\n', begin), s_.text.size());
        if (line >= from.line) out_ += s_.text.substr(begin, stop - begin) + "\n";
        begin = stop + 1;
      }
    }
  }

  std::string network_name(std::uint32_t network) const { return s_.networks[network].name; }
  std::string socket_name(SocketRef socket) const { return s_.sockets[socket].name; }
  std::string process_name(ProcessRef ref) const {
    const HostSpec& host = s_.hosts[ref.host];
    return ref.process == nothing ? host.name : host.name + "/" + host.processes[ref.process].name;
  }

  void networks() {
    out_ += "\nnetworks:\n";
    for (const NetworkSpec& network : s_.networks) {
      Flow flow;
      flow.put("delay", duration_text(network.delay));
      flow.put_if(network.rate_bits_per_s > 0, "rate", rate_text(network.rate_bits_per_s));
      flow.put("queue", std::to_string(network.queue_packets) + " packets");
      flow.put("mtu", std::to_string(network.mtu)).put("loss", percent_text(network.loss));
      if (!network.faults.empty()) flow.put("faults", faults(network));
      out_ += "  " + network.name + ": " + flow.text() + "\n";
    }
  }

  std::string faults(const NetworkSpec& network) const {
    std::string list;
    for (const Fault& fault : network.faults) {
      Flow flow;
      flow.put_if(!fault.name.empty(), "name", fault.name);
      flow.put(fault.action == Fault::Action::drop ? "drop" : "delay", selector(fault.packet));
      flow.put_if(fault.action == Fault::Action::delay, "by", duration_text(fault.delay));
      list += (list.empty() ? "" : ", ") + flow.text();
    }
    return "[" + list + "]";
  }

  void host(const HostSpec& host) {
    constexpr std::string_view kinds[] = {"computer", "server", "router"};
    out_ += "  " + host.name + ":\n";
    out_ += "    kind: " + std::string(kinds[static_cast<unsigned>(host.kind)]) + "\n";
    out_ += std::string("    forwarding: ") + (host.forwarding ? "true" : "false") + "\n";
    if (host.os != OperatingSystem::linux_kernel) out_ += "    os: " + std::string(name_of(host.os)) + "\n";
    if (host.ports_off) out_ += "    ports: off\n";
    if (!host.interfaces.empty()) out_ += "    interfaces:\n";
    for (const InterfaceSpec& interface : host.interfaces) {
      out_ += "      " + interface.name + ": " +
              Flow()
                  .put("network", network_name(interface.network))
                  .put("address", prefixes(interface.addresses))
                  .put_if(!interface.local.empty(), "local", prefixes(interface.local))
                  .put("mtu", std::to_string(interface.mtu))
                  .text() +
              "\n";
    }
    routes(host);
    if (!host.sysctls.empty()) out_ += "    sysctls: " + sysctls(host.sysctls) + "\n";
    if (host.nat) out_ += "    nat: " + middlebox(host) + "\n";
    if (host.nft != nullptr) out_ += "    nft: " + yaml_quoted(host.nft->script.text) + "\n";
    if (!host.processes.empty()) out_ += "    processes:\n";
    for (const ProcessSpec& process : host.processes)
      out_ += "      " + process.name + ": " + this->process(process) + "\n";
  }

  static std::string prefixes(const std::vector<Prefix>& all) {
    std::string list;
    for (const Prefix& prefix : all) list += (list.empty() ? "" : ", ") + yaml_quoted(prefix.to_string());
    return "[" + list + "]";
  }

  // One key for each destination; several gateways of one destination become a list.
  void routes(const HostSpec& host) {
    if (host.routes.empty()) return;
    out_ += "    routes:\n";
    for (std::size_t i = 0; i < host.routes.size(); ++i) {
      const auto same = [&](std::size_t j) { return host.routes[j].destination == host.routes[i].destination; };
      bool written = false;
      for (std::size_t j = 0; j < i; ++j) written = written || same(j);
      if (written) continue;
      std::string list;
      for (std::size_t j = i; j < host.routes.size(); ++j) {
        if (!same(j)) continue;
        const RouteSpec& route = host.routes[j];
        list += (list.empty() ? "" : ", ") +
                (route.gateway ? yaml_quoted(route.gateway->to_string()) : host.interfaces[route.interface].name);
      }
      out_ += "      \"" + host.routes[i].destination.to_string() + "\": [" + list + "]\n";
    }
  }

  static std::string sysctls(const std::vector<SysctlSetting>& settings) {
    Flow flow;
    for (const SysctlSetting& setting : settings)
      flow.put(name_of(setting.sysctl),
               setting.sysctl == Sysctl::ip_local_reserved_ports ? yaml_quoted(text_of(setting)) : text_of(setting));
    return flow.text();
  }

  std::string listeners(const ProcessSpec& process) const {
    std::string list;
    for (const ListenSpec& listen : process.listen) {
      Flow flow;
      flow.put("on", yaml_quoted(protocol_text(listen.protocol) + " " +
                                 endpoint_text(listen.local.address, listen.local.port)));
      if (listen.name != nothing) flow.put("as", socket_name(listen.name));
      flow.put_if(listen.protocol == Protocol::tcp, "backlog", std::to_string(listen.backlog));
      options(listen.options, flow);
      list += (list.empty() ? "" : ", ") + flow.text();
    }
    return "[" + list + "]";
  }

  std::string process(const ProcessSpec& process) const {
    Flow flow;
    flow.put("user", process.user);
    flow.put_if(process.pid != 0, "pid", std::to_string(process.pid));
    flow.put("start", process.start ? duration_text({process.start->ns}) : "later");
    if (!process.listen.empty()) flow.put("listen", listeners(process));
    flow.put("program", name_of(process.program));
    Flow pages;
    for (const Page& page : process.pages) pages.put(yaml_quoted(page.path), yaml_quoted(page.body));
    flow.put_if(!process.pages.empty(), "pages", pages.text());
    const bool gateway = process.program == Program::gateway;
    if (process.program == Program::request_response || gateway)
      flow.put("request", std::to_string(process.request_bytes)).put("reply", payload(process.reply));
    flow.put_if(process.program == Program::proxy || gateway, "forward",
                yaml_quoted(endpoint_text(process.forward.address, process.forward.port)));
    if (gateway)
      flow.put("answer", std::to_string(process.answer_bytes))
          .put("pool", std::to_string(process.pool))
          .put("multiplex", process.multiplex ? "true" : "false");
    std::string sources;
    for (const IpAddress& source : process.sources)
      sources += (sources.empty() ? "" : ", ") + yaml_quoted(source.to_string());
    flow.put_if(!sources.empty(), "sources", "[" + sources + "]");
    std::string files;
    for (const std::string& file : process.files) files += (files.empty() ? "" : ", ") + yaml_quoted(file);
    flow.put_if(!process.files.empty(), "files", "[" + files + "]");
    flow.put_if(process.nofile != ProcessSpec{}.nofile, "limits",
                Flow().put("nofile", std::to_string(process.nofile)).text());
    return flow.text();
  }

  static std::string keep_alive(const SocketOptions& options) {
    if (!options.keep_idle_s && !options.keep_interval_s && !options.keep_count) return "true";
    Flow flow;
    if (options.keep_idle_s) flow.put("idle", std::to_string(*options.keep_idle_s) + " s");
    if (options.keep_interval_s) flow.put("interval", std::to_string(*options.keep_interval_s) + " s");
    if (options.keep_count) flow.put("count", std::to_string(*options.keep_count));
    return flow.text();
  }
  static void options(const SocketOptions& options, Flow& flow) {
    flow.put_if(options.v6only, "v6only", "true").put_if(options.reuse_address, "reuse-address", "true");
    flow.put_if(options.reuse_port, "reuse-port", "true").put_if(options.free_bind, "free-bind", "true");
    flow.put_if(options.bind_address_no_port, "bind-address-no-port", "true");
    if (options.keep_alive) flow.put("keep-alive", keep_alive(options));
    if (options.user_timeout_ms) flow.put("user-timeout", std::to_string(*options.user_timeout_ms) + " ms");
    if (options.syn_count) flow.put("syn-count", std::to_string(*options.syn_count));
  }

  static std::string middlebox(const HostSpec& host) {
    constexpr std::string_view words[] = {"endpoint-independent", "address-dependent", "address-and-port-dependent"};
    return Flow()
        .put("mapping", words[static_cast<unsigned>(host.nat->mapping)])
        .put("filtering", words[static_cast<unsigned>(host.nat->filtering)])
        .put("outside", host.interfaces[host.nat->outside].name)
        .put("ports", host.nat->preserve_ports ? "preserve" : "random")
        .put("timeout", duration_text(seconds(host.nat->timeout_s)))
        .text();
  }

  static std::string payload(const Payload& payload) {
    return payload.text.empty() ? Flow().put("bytes", std::to_string(payload.length)).text()
                                : yaml_quoted(payload.text);
  }

  std::string pattern(const EndpointPattern& pattern) const {
    Flow flow;
    if (pattern.host != nothing) flow.put("host", s_.hosts[pattern.host].name);
    if (pattern.address) flow.put("address", yaml_quoted(pattern.address->to_string()));
    if (!pattern.port.any()) flow.put("port", range(pattern.port));
    if (pattern.not_port) flow.put("not-port", std::to_string(*pattern.not_port));
    return flow.text();
  }

  static std::string range(const PortRange& range) {
    return range.first == range.last ? std::to_string(range.first)
                                     : std::to_string(range.first) + "-" + std::to_string(range.last);
  }

  static std::string flags(std::uint8_t set) {
    constexpr std::string_view names[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};
    std::string text;
    for (unsigned bit = 0; bit < 8; ++bit)
      if ((set >> bit & 1) != 0) text += (text.empty() ? "" : " ") + std::string(names[bit]);
    return text;
  }

  std::string selector(const Selector& selector) const {
    Flow flow;
    if (selector.socket != nothing) flow.put("socket", socket_name(selector.socket));
    flow.put_if(selector.protocol != Protocol::none, "protocol", protocol_text(selector.protocol));
    flow.put_if(selector.flags_set != 0, "flags", flags(selector.flags_set));
    if (selector.from) flow.put("from", pattern(*selector.from));
    if (selector.to) flow.put("to", pattern(*selector.to));
    if (selector.network != nothing) flow.put("network", network_name(selector.network));
    if (selector.sent_by != nothing) flow.put("sent-by", s_.hosts[selector.sent_by].name);
    if (selector.icmp_type) flow.put("icmp-type", std::to_string(*selector.icmp_type));
    if (selector.icmp_code) flow.put("icmp-code", std::to_string(*selector.icmp_code));
    if (selector.length) flow.put("length", range(*selector.length));
    std::string nth;
    for (const std::uint32_t number : selector.nth) nth += (nth.empty() ? "" : ", ") + std::to_string(number);
    flow.put_if(!nth.empty(), "nth", "[" + nth + "]");
    if (selector.after) flow.put("after", duration_text({selector.after->ns}));
    if (selector.before) flow.put("before", duration_text({selector.before->ns}));
    if (selector.reason)
      flow.put("dropped", trace::name_of(*selector.reason));
    else if (selector.fate != Fate::any)
      flow.put("fate", selector.fate == Fate::delivered ? "delivered" : "dropped");
    return flow.text();
  }

  void trigger(const Trigger& trigger, Flow& flow) const {
    using Kind = Trigger::Kind;
    if (trigger.kind == Kind::at || trigger.kind == Kind::previous) {
      const bool at = trigger.kind == Kind::at;
      flow.put(at ? "at" : "after", duration_text(at ? Duration{trigger.at.ns} : trigger.delay));
      return;
    }
    Flow condition;
    if (trigger.kind == Kind::packet)
      condition.put("packet", selector(trigger.packet));
    else
      condition.put("socket", socket_name(trigger.socket));
    condition.put_if(trigger.kind == Kind::socket_state, "state", name_of(trigger.state));
    condition.put_if(trigger.kind == Kind::socket_received, "received", std::to_string(trigger.received));
    condition.put_if(trigger.kind == Kind::socket_error, "error", state::name_of(trigger.error));
    condition.put_if(trigger.delay.ns != 0, "delay", duration_text(trigger.delay));
    flow.put("after", condition.text());
  }

  std::string entry_text(const TimelineEntry& entry) const {
    constexpr std::string_view hows[] = {"read", "write", "both"};
    Flow flow;
    trigger(entry.trigger, flow);
    const bool of_process = entry.verb != Verb::start && entry.verb != Verb::kill && entry.verb != Verb::exit;
    flow.put_if(of_process && entry.process.valid(), "process",
                entry.process.valid() ? process_name(entry.process) : "");
    flow.put(name_of(entry.verb), verb_value(entry));
    const bool named_by_verb = entry.verb == Verb::accept || entry.verb == Verb::receive || entry.verb == Verb::close ||
                               entry.verb == Verb::shutdown || entry.verb == Verb::listen || entry.verb == Verb::dup;
    if (entry.on != nothing && !named_by_verb) flow.put("on", socket_name(entry.on));
    if (entry.as != nothing && entry.verb != Verb::pipe) flow.put("as", socket_name(entry.as));
    if (entry.from)
      flow.put("from", yaml_quoted(entry.from_length != 0 ? Prefix{entry.from->address, entry.from_length}.to_string()
                                                          : endpoint_text(entry.from->address, entry.from->port)));
    options(entry.options, flow);
    flow.put_if(entry.verb == Verb::listen, "backlog", std::to_string(entry.backlog));
    if (entry.wanted_fd) flow.put("to", std::to_string(*entry.wanted_fd));
    flow.put_if(entry.close_on_exec, "close-on-exec", "true");
    flow.put_if(entry.verb == Verb::shutdown, "how", hows[static_cast<unsigned>(entry.how)]);
    if (entry.linger_s) flow.put("linger", std::to_string(*entry.linger_s));
    const bool sized = entry.verb == Verb::ping || (entry.verb == Verb::receive && entry.bytes != 0);
    flow.put_if(sized, "bytes", std::to_string(entry.bytes));
    flow.put_if(entry.verb == Verb::set || entry.verb == Verb::nft, "host",
                entry.host == nothing ? "" : s_.hosts[entry.host].name);
    flow.put_if(entry.verb == Verb::socket && entry.family == Family::ipv6, "family", "ipv6");
    if (entry.count > 1) flow.put("count", std::to_string(entry.count)).put("every", duration_text(entry.every));
    return flow.text();
  }

  std::string verb_value(const TimelineEntry& entry) const {
    std::string at = yaml_quoted(entry.is_unix ? "unix:" + entry.path
                                               : protocol_text(entry.protocol) + " " +
                                                     endpoint_text(entry.endpoint.address, entry.endpoint.port));
    switch (entry.verb) {
      case Verb::start:
      case Verb::kill:
      case Verb::exit:
        return process_name(entry.process);
      case Verb::socket:
        return entry.is_unix ? "unix" : protocol_text(entry.protocol);
      case Verb::bind:
      case Verb::connect:
        return at;
      case Verb::listen:
        return entry.on == nothing ? at : socket_name(entry.on);
      case Verb::accept:
      case Verb::receive:
      case Verb::shutdown:
      case Verb::close:
      case Verb::dup:
        return socket_name(entry.on);
      case Verb::send:
        return payload(entry.payload);
      case Verb::sendto:
        return Flow()
            .put_if(!entry.answers, "to", yaml_quoted(endpoint_text(entry.endpoint.address, entry.endpoint.port)))
            .put(entry.payload.text.empty() ? "bytes" : "text",
                 entry.payload.text.empty() ? std::to_string(entry.payload.length) : yaml_quoted(entry.payload.text))
            .text();
      case Verb::ping:
        return yaml_quoted(entry.endpoint.address.to_string());
      case Verb::request:
        return Flow().put("send", payload(entry.payload)).put("expect", std::to_string(entry.bytes)).text();
      case Verb::link_down:
      case Verb::link_up:
        return network_name(entry.network);
      case Verb::set:
        return sysctls(entry.sysctls);
      case Verb::open:
      case Verb::exec:
      case Verb::unlink:
        return yaml_quoted(entry.path);
      case Verb::pipe:
        return Flow().put("read", socket_name(entry.as)).put("write", socket_name(entry.also_as)).text();
      case Verb::fork:
        return process_name(entry.child);
      case Verb::epoll: {
        std::string list;
        for (const SocketRef socket : entry.watched) list += (list.empty() ? "" : ", ") + socket_name(socket);
        return "[" + list + "]";
      }
      case Verb::nft:
        return yaml_quoted(entry.ruleset->script.text);
    }
    return {};
  }

  const Scenario& s_;
  std::vector<Override> no_overrides_;
  Node root_;
  std::string out_;
};

}  // namespace

std::string expanded(const Scenario& scenario) {
  return Writer(scenario).text();
}

std::string duration_text(Duration duration) {
  constexpr Unit units[] = {{"s", 1'000'000'000}, {"ms", 1'000'000}, {"us", 1'000}, {"ns", 1}};
  return in_units(static_cast<std::uint64_t>(duration.ns), units);
}

std::string rate_text(std::uint64_t bits_per_s) {
  constexpr Unit units[] = {{"Gbit/s", 1'000'000'000}, {"Mbit/s", 1'000'000}, {"kbit/s", 1'000}, {"bit/s", 1}};
  return in_units(bits_per_s, units);
}

std::string percent_text(Ratio ratio) {
  // A ratio read from a percentage has a denominator that divides a power of ten.
  std::uint64_t scale = 1;
  std::size_t digits = 0;
  while ((100 * scale) % ratio.denominator != 0 && digits < 16) {
    scale *= 10;
    ++digits;
  }
  const std::uint64_t value = (100 * scale) / ratio.denominator * ratio.numerator;
  std::string text = std::to_string(value / scale);
  if (digits > 0) {
    const std::string fraction = std::to_string(value % scale);
    text += "." + std::string(digits - fraction.size(), '0') + fraction;
  }
  return text + " %";
}

}  // namespace fourtuple::world
