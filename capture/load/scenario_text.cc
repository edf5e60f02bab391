#include "capture/load/scenario_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <map>

#include "capture/load/timeline_text.h"
#include "capture/plural.h"

namespace fourtuple::capture {
namespace {

// Prefixes for the links between hosts and router, meant for benchmarks (RFC 2544, RFC 5180); another one when the
// capture has addresses of the first.
constexpr const char* link_prefixes_v4[] = {"198.18.0.0/16", "198.19.0.0/16", "100.127.0.0/16"};
constexpr const char* link_prefixes_v6[] = {"2001:2::/48", "fd00:4f54::/48"};

template <std::size_t n>
Prefix free_prefix(const char* const (&candidates)[n], const Load& load, const AddressTable& addresses) {
  for (const char* text : candidates) {
    const Prefix prefix = *Prefix::parse(text);
    const auto inside = [&](const LoadHost& host) { return prefix.contains(addresses[host.address]); };
    if (std::none_of(load.hosts.begin(), load.hosts.end(), inside)) return prefix;
  }
  return *Prefix::parse(candidates[0]);
}

class ScenarioWriter {
 public:
  ScenarioWriter(const ImportedCapture& capture, const Load& load)
      : capture_(&capture),
        load_(&load),
        names_(capture, load),
        v4_(free_prefix(link_prefixes_v4, load, capture.trace.tables().addresses)),
        v6_(free_prefix(link_prefixes_v6, load, capture.trace.tables().addresses)) {}

  std::string text();

 private:
  template <class... Values>
  void line(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
    text_ += '\n';
  }
  const IpAddress& address(const LoadHost& host) const { return capture_->trace.tables().addresses[host.address]; }
  bool linked(const LoadHost& host) const { return !address(host).is_loopback(); }
  // Address of the link of host `index`: 1 is the router's, 2 the host's.
  IpAddress on_link(std::size_t index, std::uint32_t n) const;
  void head();
  void networks();
  void host(std::size_t index);
  void router();

  const ImportedCapture* capture_;
  const Load* load_;
  LoadNames names_;
  Prefix v4_, v6_;
  std::string text_;
};

IpAddress ScenarioWriter::on_link(std::size_t index, std::uint32_t n) const {
  if (address(load_->hosts[index]).family == Family::ipv4)
    return v4_.address.plus(static_cast<std::uint32_t>(4 * index) + n);
  IpAddress result = v6_.address.plus(n);
  result.bytes[6] = static_cast<std::uint8_t>(index >> 8);
  result.bytes[7] = static_cast<std::uint8_t>(index);
  return result;
}

void ScenarioWriter::head() {
  line("# The load of {}, written by `fourtuple replay --to-scenario`.", capture_->trace.tables().file_name);
  line("# {}", words_of(*load_, "#   "));
  line(
      "# Programs do what they were seen to do, each in answer to what it gets: an answer comes after its request and");
  line("# the time the program took. The packets themselves, their losses and repetitions are made anew.");
  line("fourtuple: 1");
  line("title: {}", quoted("The load of " + capture_->trace.tables().file_name));
  line("");
}

void ScenarioWriter::networks() {
  const bool any = std::any_of(load_->hosts.begin(), load_->hosts.end(), [&](const LoadHost& h) { return linked(h); });
  if (!any) return;
  line("# One link for each host. Delays are half of the shortest round trip seen; rates and queues cannot be seen.");
  line("# To try a worse one: {{ delay: 40 ms, rate: 10 Mbit/s, queue: 50 packets, loss: 1 % }}");
  line("networks:");
  for (std::size_t i = 0; i < load_->hosts.size(); ++i) {
    const LoadHost& host = load_->hosts[i];
    if (!linked(host)) continue;
    line("  {}-link: {{ delay: {} }}{}", names_.host(i), time_text(host.distance_ns),
         host.distance_seen ? "" : "  # no handshake shows it: the time is part of the programs' delays");
  }
  line("");
}

void ScenarioWriter::host(std::size_t index) {
  const LoadHost& host = load_->hosts[index];
  line("  {}:", names_.host(index));
  if (linked(host)) {
    const bool v4 = address(host).family == Family::ipv4;
    line("    interfaces: {{ eth0: {{ network: {}-link, address: [\"{}/{}\", \"{}/{}\"] }} }}", names_.host(index),
         address(host).to_string(), v4 ? 32 : 128, on_link(index, 2).to_string(), v4 ? 30 : 64);
    line("    routes: {{ default: \"{}\" }}", on_link(index, 1).to_string());
  }
  if (names_.reuses_ports(index)) line("    sysctls: {{ tcp_tw_reuse: 1 }}  # it used a port again");
  const std::vector<std::string> refusals = names_.silent_rules(index);
  if (!refusals.empty()) {
    line("    # Nobody answered there, as behind a firewall.");
    line("    nft: |");
    line("      table inet silent {{");
    line("      \tchain input {{");
    line("      \t\ttype filter hook input priority filter; policy accept;");
    for (const std::string& rule : refusals) line("      \t\t{}", rule);
    line("      \t}}");
    line("      }}");
  }
  line("    processes:");
  for (const std::string& process : names_.processes(index)) line("      {}", process);
}

void ScenarioWriter::router() {
  line("  # The place of the capture: all packets pass here.");
  line("  {}:", LoadNames::router);
  line("    kind: router");
  line("    interfaces:");
  for (std::size_t i = 0; i < load_->hosts.size(); ++i)
    if (linked(load_->hosts[i]))
      line("      {}: {{ network: {}-link, address: \"{}/{}\" }}", names_.host(i), names_.host(i),
           on_link(i, 1).to_string(), address(load_->hosts[i]).family == Family::ipv4 ? 30 : 64);
  line("    routes:");
  for (std::size_t i = 0; i < load_->hosts.size(); ++i)
    if (linked(load_->hosts[i]))
      line("      \"{}/{}\": \"{}\"", address(load_->hosts[i]).to_string(),
           address(load_->hosts[i]).family == Family::ipv4 ? 32 : 128, on_link(i, 2).to_string());
  line("    # Rules go here, as `nft list ruleset` prints them. This one hides every client behind one address:");
  line("    # nft: |");
  line("    #   table ip nat {{");
  line("    #   \tchain postrouting {{");
  line("    #   \t\ttype nat hook postrouting priority srcnat;");
  line("    #   \t\toifname \"{}\" masquerade", names_.some_server());
  line("    #   \t}}");
  line("    #   }}");
}

std::string ScenarioWriter::text() {
  head();
  networks();
  line("hosts:");
  for (std::size_t i = 0; i < load_->hosts.size(); ++i) host(i);
  if (std::any_of(load_->hosts.begin(), load_->hosts.end(), [&](const LoadHost& h) { return linked(h); })) router();
  line("");
  line("timeline:");
  text_ += timeline_text(*capture_, *load_, names_);
  return std::move(text_);
}

}  // namespace

std::string scenario_text(const ImportedCapture& capture, const Load& load) {
  return ScenarioWriter(capture, load).text();
}

std::string words_of(const Load& load, std::string_view indent) {
  std::uint32_t left_out = 0;
  for (const std::uint32_t count : load.left_out) left_out += count;
  std::string text = fmt::format("{} of {}", load.exchanges.size(), plural(load.conversations, "conversation"));
  text += left_out == 0 ? "" : fmt::format("; {} left out", left_out);
  for (std::size_t i = 0; i < load.left_out.size(); ++i)
    if (load.left_out[i] != 0)
      text += fmt::format("\n{}{:>6}  {}", indent, load.left_out[i], words_of(static_cast<LeftOut>(i)));
  const auto count_if = [&](auto member) {
    return std::count_if(load.exchanges.begin(), load.exchanges.end(), [&](const Exchange& e) { return e.*member; });
  };
  if (const auto open = count_if(&Exchange::open))
    text += fmt::format("\n{}{:>6}  of those taken not closed when the capture ended: they stay open", indent, open);
  if (const auto gaps = count_if(&Exchange::gaps))
    text += fmt::format(
        "\n{}{:>6}  of those taken with gaps: bytes that were not captured are counted by their numbers", indent, gaps);
  return text;
}

}  // namespace fourtuple::capture
