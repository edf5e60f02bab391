// A capture's report and conversations as JSON, with the key names of tests/captures/truth.py, so that both can be
// compared key by key.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string_view>

#include "capture/importer.h"

namespace fourtuple::capture {

using WriteText = std::function<void(std::string_view)>;

// Hands the text of the object over piece by piece, a conversation at a time: nothing holds them all.
void write_json(const ImportedCapture& capture, const WriteText& write);

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
