// What a statement of a rule compared, in a few words: for the window's rules and for the lines of events. Values are
// texts already, as nft prints them.
#pragma once

#include <string>
#include <string_view>

#include "sim/trace/events.h"
#include "sim/trace/ruleset.h"

namespace fourtuple::trace {

// Whether `text` is `word`, or begins with it and a blank.
bool starts_with_word(std::string_view text, std::string_view word);
// What is compared, without a mask: the text has that behind the value ("tcp flags syn / fin,syn").
std::string_view selector_of(const ExpressionInfo& info);
// What a comparison asks for: its text without the selector; "" for an action.
std::string wanted_of(const ExpressionInfo& info);
// Without the double quotes around it.
std::string unquoted(std::string text);
// Why an element of a set stopped a rule: "203.0.113.70 within its limit".
std::string element_words(const ExpressionInfo& info, const std::string& value);
// Why a comparison did not hold: "22 ≠ 80". `value`: what the packet had; `remark`: said where there is none.
std::string mismatch_words(const ExpressionInfo& info, ExpressionResult result, const std::string& value,
                           const std::string& remark);

}  // namespace fourtuple::trace
