#include "sim/base/outcome.h"

namespace fourtuple {

std::string Error::to_string(std::string_view kind) const {
  std::string text;
  if (!where.file.empty()) text += where.file + ":";
  if (where.line > 0) text += std::to_string(where.line) + ":";
  if (where.line > 0 && where.column > 0) text += std::to_string(where.column) + ":";
  if (!text.empty()) text += " ";
  text += std::string(kind) + ": " + message;
  if (!expected.empty()) text += "; expected " + expected;
  if (!suggestion.empty()) text += "; did you mean '" + suggestion + "'?";
  return text;
}

}  // namespace fourtuple
