#include "capture/names/names_json.h"

namespace fourtuple::capture {
namespace {

using Json = nlohmann::ordered_json;

Json frame_of(const SeenName& name) {
  return name.frame == 0 ? Json(nullptr) : Json(name.frame);
}

Json host_name(const SeenName& name) {
  return {
      {"name", name.text}, {"source", name_of(name.source)}, {"frame", frame_of(name)}, {"inferred", name.inferred()}};
}

}  // namespace

Json hosts_json(const SeenNames& names) {
  Json hosts = Json::array();
  for (std::size_t i = 0; i < names.hosts(); ++i) {
    Json known = Json::array();
    for (const SeenName& name : names.of(names.host(i))) known.push_back(host_name(name));
    hosts.push_back({{"address", names.host(i).to_string()}, {"names", std::move(known)}});
  }
  return hosts;
}

void add_names(const SeenNames& names, std::uint32_t index, const Flow& flow, const AddressTable& addresses,
               Json& out) {
  if (const auto name = names.best(addresses[flow.a])) out["a_name"] = host_name(*name);
  if (const auto name = names.best(addresses[flow.b])) out["b_name"] = host_name(*name);
  const auto label = names.label_of(index);
  if (!label) return;
  Json& words = out["label"] = {{"text", label->text}, {"source", name_of(label->source)}, {"frame", frame_of(*label)}};
  if (const QuicHeader* quic = names.quic_of(index))
    words["quic"] = {{"version", quic->version}, {"destination_id", quic->destination}, {"source_id", quic->source}};
}

}  // namespace fourtuple::capture
