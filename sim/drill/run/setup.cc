#include "sim/drill/run/setup.h"

#include <charconv>
#include <fmt/format.h>

namespace fourtuple::drill {
namespace {

struct OptionReader {
  const std::string& file;
  Setup& setup;
  std::string local_ip, remote_ip;

  tl::unexpected<Error> wrong(const ScriptOption& option, std::string expectation) const {
    const bool given = option.where.line == 0;
    const SourcePosition where =
        given ? SourcePosition{"--" + option.name, 0, 0} : SourcePosition{file, option.where.line, option.where.column};
    return fail(where, fmt::format("'{}' is no value of --{}", option.value, option.name), std::move(expectation));
  }

  // The value times `scale`, of a number that may have a fraction.
  static bool number(std::string_view text, std::int64_t scale, std::int64_t& out) {
    const std::size_t point = std::min(text.find('.'), text.size());
    std::int64_t whole = 0;
    const auto read = std::from_chars(text.data(), text.data() + point, whole);
    if (read.ec != std::errc() || read.ptr != text.data() + point || whole < 0 || whole > 1'000'000'000) return false;
    out = whole * scale;
    for (std::size_t i = point + 1; i < text.size(); ++i) {
      if (text[i] < '0' || text[i] > '9') return false;
      scale /= 10;
      out += (text[i] - '0') * scale;
    }
    return true;
  }

  template <class Integer>
  Outcome<void> integer(const ScriptOption& option, Integer& out, std::int64_t least, std::int64_t most) const {
    std::int64_t value = 0;
    if (!number(option.value, 1, value) || value < least || value > most)
      return wrong(option, fmt::format("a number from {} to {}", least, most));
    out = static_cast<Integer>(value);
    return {};
  }

  Outcome<void> version(const ScriptOption& option) const {
    if (option.value == "ipv4")
      setup.ip_version = Setup::IpVersion::v4;
    else if (option.value == "ipv6")
      setup.ip_version = Setup::IpVersion::v6;
    else if (option.value == "ipv4-mapped-ipv6")
      setup.ip_version = Setup::IpVersion::mapped;
    else
      return wrong(option, "ipv4, ipv6 or ipv4-mapped-ipv6");
    return {};
  }

  Outcome<void> forgiven(const ScriptOption& option) const {
    setup.packets_may_differ = option.value.find("packet") != std::string::npos;
    setup.calls_may_differ = option.value.find("syscall") != std::string::npos;
    if (setup.packets_may_differ || setup.calls_may_differ) return {};
    return wrong(option, "packet, syscall or both with a comma between");
  }

  Outcome<void> read(const ScriptOption& option) {
    const std::string& name = option.name;
    if (name == "ip_version") return version(option);
    if (name == "bind_port") return integer(option, setup.bind_port, 1, 65535);
    if (name == "connect_port") return integer(option, setup.connect_port, 1, 65535);
    if (name == "mtu") return integer(option, setup.mtu, 68, 65535);
    if (name == "tcp_ts_tick_usecs") return integer(option, setup.timestamp_tick_us, 0, 1'000'000);
    if (name == "non_fatal") return forgiven(option);
    if (name == "strict_segments") setup.strict_segments = option.value != "0";
    if (name == "tcp_ts_ecr_scaled") setup.echo_any_timestamp = option.value != "0";
    if (name == "local_ip") local_ip = option.value;
    if (name == "remote_ip") remote_ip = option.value;
    std::int64_t value = 0;
    if (name == "tolerance_usecs") {
      if (!number(option.value, 1, value)) return wrong(option, "microseconds");
      setup.tolerance = microseconds(value);
    }
    if (name == "tolerance_percent") {
      if (!number(option.value, 10, value)) return wrong(option, "a percentage");
      setup.tolerance_per_mille = value;
    }
    return {};
  }

  Outcome<void> addresses() const {
    const bool v6 = setup.ipv6_wire();
    setup.prefix_length = v6 ? 48 : 16;
    for (const bool ours : {true, false}) {
      const std::string& given = ours ? local_ip : remote_ip;
      const std::string_view usual =
          ours ? (v6 ? "fd3d:fa7b:d17d::1" : "192.168.0.1") : (v6 ? "2001:db8::1" : "192.0.2.1");
      const auto address = IpAddress::parse(given.empty() ? usual : std::string_view(given));
      const std::string_view name = ours ? "local_ip" : "remote_ip";
      if (!address || (address->family == Family::ipv6) != v6)
        return wrong({{}, std::string(name), given}, v6 ? "an IPv6 address" : "an IPv4 address");
      (ours ? setup.local : setup.remote) = *address;
    }
    return {};
  }
};

}  // namespace

Outcome<Setup> read_setup(const Script& script, const std::vector<ScriptOption>& given) {
  Setup setup;
  OptionReader reader{script.file, setup, {}, {}};
  for (const std::vector<ScriptOption>* options : {&script.options, &given})
    for (const ScriptOption& option : *options)
      if (auto done = reader.read(option); !done) return tl::unexpected<Error>(std::move(done.error()));
  if (auto done = reader.addresses(); !done) return tl::unexpected<Error>(std::move(done.error()));
  return setup;
}

}  // namespace fourtuple::drill
