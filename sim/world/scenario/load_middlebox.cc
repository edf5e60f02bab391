// `nat:` of a host: the behaviours of RFC 4787, or the older names for their combinations (RFC 3489 section 5).
#include "sim/world/scenario/keys.h"
#include "sim/world/scenario/loader.h"
#include "sim/world/scenario/quantity.h"

namespace fourtuple::world {

void Loader::load_middlebox(const Node& node, HostSpec& host) {
  const Node* nat = node.find("nat");
  if (nat == nullptr || !nat->is_mapping()) return;
  MiddleboxSpec spec;
  spec.where = nat->mark;
  if (const auto kind = cone_from(scalar(*nat, "kind"))) {
    spec.mapping = kind->mapping;
    spec.filtering = kind->filtering;
    for (const std::string_view key : {"mapping", "filtering"})
      if (const Node* value = nat->find(key))
        reporter_.error(value->mark, "'kind' already says the " + std::string(key), "'kind', or both others");
  }
  spec.mapping = nat_dependence_from(scalar(*nat, "mapping")).value_or(spec.mapping);
  spec.filtering = nat_dependence_from(scalar(*nat, "filtering")).value_or(spec.filtering);
  spec.preserve_ports = scalar(*nat, "ports") != "random";
  if (const auto timeout = read(*nat, "timeout", parse_duration))
    spec.timeout_s = static_cast<std::uint32_t>(std::clamp<std::int64_t>(timeout->ns / seconds(1).ns, 1, 1'000'000));
  NameTable interfaces("interface", " on " + host.name);
  for (std::uint32_t i = 0; i < host.interfaces.size(); ++i) interfaces.add(host.interfaces[i].name, i);
  if (const Node* outside = nat->find("outside"); outside != nullptr && outside->is_scalar())
    spec.outside = interfaces.find(outside->text, outside->mark, reporter_);
  if (host.nft != nullptr)
    reporter_.error(nat->mark, "the host has both 'nat' and 'nft'", "one of them: 'nat' is a box that is not Linux");
  if (!host.forwarding)
    reporter_.error(nat->mark, "a host that translates for others must forward", "forwarding: true");
  if (spec.outside != nothing) host.nat = spec;
}

}  // namespace fourtuple::world
