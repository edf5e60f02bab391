// Rulesets and kernel settings of a case.
#include <cctype>

#include "app/rule_text.h"
#include "sim/netfilter/nft/parse.h"
#include "sim/netfilter/rules/load.h"
#include "sim/replay/listing.h"
#include "sim/stack/hooks.h"
#include "tests/kernel/session.h"

namespace fourtuple::kernel_case {
namespace {

void set_one(stack::System& system, const Node& node, const std::string& key, const Json& value) {
  stack::Sysctls& host = system.hosts[node.id.value].sysctls;
  const std::int64_t number = value.is_number() ? value.get<std::int64_t>() : 0;
  if (key == "net.ipv4.icmp_ratelimit") host.icmp_ratelimit_ms = static_cast<std::uint32_t>(number);
  if (key == "net.ipv4.ip_default_ttl") host.default_ttl = static_cast<std::uint8_t>(number);
  if (key == "net.ipv4.ip_forward") system.hosts[node.id.value].forwarding = number != 0;
  if (key == "net.ipv4.tcp_timestamps") system.tcp_config.offer_timestamps = number != 0;  // of all hosts
  constexpr std::string_view conntrack = "net.netfilter.";
  if (key.starts_with(conntrack))
    netfilter::set_conntrack_sysctl(system.netfilter.hosts[node.id.value].conntrack, key.substr(conntrack.size()),
                                    static_cast<std::uint32_t>(number));
}

// `nft -f` with this text; what is wrong with it, or "".
std::string load_text(Session& session, HostId host, const std::string& text) {
  nft::ParseOptions options;
  options.source_name = session.names.of(host).name;
  nft::ParseResult parsed = nft::parse(text, options);
  if (!parsed.errors.empty()) return parsed.errors.front().to_string();
  Outcome<netfilter::Model> changed = netfilter::apply_script(
      session.models[host.value], parsed.script,
      netfilter::element_exists(session.system().netfilter, session.system().visible, host, session.world->now()));
  if (!changed) return changed.error().to_string();
  session.models[host.value] = std::move(*changed);
  std::vector<trace::RulesetInfo>& rulesets = session.trace.mutable_tables().rulesets;
  const auto number = static_cast<std::uint32_t>(rulesets.size());
  rulesets.emplace_back();
  stack::Context c = session.driver().context();
  stack::load_ruleset(c, host, session.models[host.value], parsed.script, number);
  session.driver().settle();
  return "";
}

// Takes out " expires 1h59m", which depends on the speed of the machine.
std::string without_expiry(std::string text) {
  constexpr std::string_view word = " expires ";
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at)) {
    std::size_t end = at + word.size();
    while (end < text.size() && (std::isdigit(static_cast<unsigned char>(text[end])) != 0 ||
                                 std::string_view("dsmh").find(text[end]) != std::string_view::npos))
      ++end;
    text.erase(at, end - at);
  }
  return text;
}

}  // namespace

void Session::set_sysctls() {
  stack::System& system = driver().context().system;
  for (const Node& node : names.nodes()) {
    set_one(system, node, "net.ipv4.icmp_ratelimit", 0);  // as nftoracle sets it, so that answers do not depend on time
    for (const char* kind : {"routers", "hosts"}) {
      if (!test_case.contains(kind)) continue;
      if (test_case.contains("sysctl"))
        for (const auto& [key, value] : test_case["sysctl"].items()) set_one(system, node, key, value);
      for (const Json& spec : test_case[kind])
        if (spec["name"] == node.name && spec.contains("sysctl"))
          for (const auto& [key, value] : spec["sysctl"].items()) set_one(system, node, key, value);
    }
  }
}

bool Session::load_rulesets(std::string& error) {
  models.resize(system().hosts.size());
  for (const Node& node : names.nodes()) {
    if (!node.router) continue;
    for (const Json& spec : test_case["routers"])
      if (spec["name"] == node.name && spec.contains("nft")) error = load_text(*this, node.id, spec["nft"]);
    if (!error.empty()) return false;
  }
  return true;
}

Json Session::change_rules(const Json& spec) {
  for (const Node& node : names.nodes())
    if (node.router && spec["router"] == node.name) {
      const std::string error = load_text(*this, node.id, spec["text"]);
      if (!error.empty()) return {{"refused", true}};
    }
  return {};
}

Json Session::rulesets() {
  Json out = Json::object();
  for (const Node& node : names.nodes()) {
    if (!node.router) continue;
    Json& lines = out[node.name] = Json::array();
    const trace::RulesetInfo* loaded = replay::ruleset_of(trace.tables().rulesets, system().visible, node.id);
    if (loaded == nullptr) continue;
    const std::string text =
        without_expiry(replay::listing_text(*loaded, system().visible, world->now(), app::nft_listing(trace.tables())));
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      lines.push_back(text.substr(at, end - at));
      at = end + 1;
    }
  }
  return out;
}

}  // namespace fourtuple::kernel_case
