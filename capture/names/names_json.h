// Names of hosts and conversations as JSON; docs/capture-json.md says what each key means.
#pragma once

#include <nlohmann/json.hpp>

#include "capture/flow.h"
#include "capture/names/seen_names.h"

namespace fourtuple::capture {

// [{"address": …, "names": [{"name": …, "source": "dns-answer", "frame": 2, "inferred": false}]}]
nlohmann::ordered_json hosts_json(const SeenNames& names);

// Adds "a_name", "b_name" and "label" to a conversation's JSON, each only when it is known. `index`: of the
// conversation in the flow table.
void add_names(const SeenNames& names, std::uint32_t index, const Flow& flow, const AddressTable& addresses,
               nlohmann::ordered_json& out);

}  // namespace fourtuple::capture
