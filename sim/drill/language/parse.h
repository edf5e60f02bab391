// Reads packetdrill scripts: the whole language, whether anything simulates it or not. The first fault ends it.
#pragma once

#include <string>
#include <string_view>

#include "sim/base/outcome.h"
#include "sim/drill/language/lexer.h"
#include "sim/drill/language/script.h"

namespace fourtuple::drill {

// `file` is for messages. Defined names given here go before those of the script's own --define.
Outcome<Script> parse_script(std::string_view text, const std::string& file, const Definitions& definitions = {});

}  // namespace fourtuple::drill
