// What a conversation is about, from the names seen: its own label, else the name of an end.
#pragma once

#include <string>

#include "capture/flow.h"
#include "capture/names/seen_names.h"

namespace fourtuple::capture {

// "www.example.com (TLS SNI in frame 8)", "QUIC v1, www.example.com (DNS answer in frame 2)"; "from …" of the first
// sender's name, when only that is known. A name with ? is inferred, see SeenName. "" when nothing is known.
// `index`: of the conversation in the flow table.
std::string conversation_words(const SeenNames& names, std::uint32_t index, const Flow& flow,
                               const AddressTable& addresses);

}  // namespace fourtuple::capture
