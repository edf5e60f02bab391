// A capture's report and conversations as JSON, with the key names of tests/captures/truth.py, so that both can be
// compared key by key.
#pragma once

#include <nlohmann/json.hpp>

#include "capture/importer.h"

namespace fourtuple::capture {

nlohmann::ordered_json to_json(const ImportedCapture& capture);
// One conversation, with "process" when one of its ends is known.
nlohmann::ordered_json to_json(const Flow& flow, const AddressTable& addresses, const FlowOwners& owners,
                               const SocketOwners& processes);
// {"name": …, "pid": …, "match": "exact"}; null when nobody is known.
nlohmann::ordered_json to_json(const Attribution& owner, const SocketOwners& processes);

// "1700000000.000000042": seconds with 9 digits.
std::string seconds_text(std::int64_t ns);

}  // namespace fourtuple::capture
