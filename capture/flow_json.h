// A capture's report and conversations as JSON, with the key names of tests/captures/truth.py, so that both can be
// compared key by key.
#pragma once

#include <nlohmann/json.hpp>

#include "capture/importer.h"

namespace fourtuple::capture {

nlohmann::ordered_json to_json(const ImportedCapture& capture);

// What a conversation's JSON is made from besides itself.
struct FlowContext {
  const AddressTable& addresses;
  const SocketOwners& processes;
  const TcpAnalysis& analysis;
};
// One conversation, with "process" when one of its ends is known.
nlohmann::ordered_json to_json(const Flow& flow, const FlowOwners& owners, const FlowContext& context);
// {"name": …, "pid": …, "match": "exact"}; null when nobody is known.
nlohmann::ordered_json to_json(const Attribution& owner, const SocketOwners& processes);

}  // namespace fourtuple::capture
