// What a caption tells its reader to press ("Press Enter on the server"), so that it can be clicked too. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/trace/tables.h"
#include "viz/viewer/shortcuts.h"

namespace fourtuple::viz {

struct CaptionAct {
  Command command = Command::help;
  HostId host = HostId::none();  // the one the words name, of into_host
  std::string key;               // "Enter", as the caption has it
};

// In the order of the words; English and Japanese captions. Keys of buttons that are in view anyway (play, steps) are
// left out.
std::vector<CaptionAct> caption_acts(std::string_view text, const trace::Tables& tables);
// What its button says: "into the host", "into server".
std::string act_words(const CaptionAct& act, const trace::Tables& tables, bool japanese);

}  // namespace fourtuple::viz
