#include "sim/trace/tables.h"

#include "sim/base/check.h"

namespace fourtuple::trace {

StringId Strings::intern(std::string_view text) {
  // A linear search: names are few (hosts and programs of one scenario), and interning happens before the run.
  for (std::uint32_t i = 0; i < texts_.size(); ++i)
    if (texts_[i] == text) return {i};
  texts_.emplace_back(text);
  return {size() - 1};
}

std::string_view Strings::operator[](StringId id) const {
  return id.value < texts_.size() ? std::string_view(texts_[id.value]) : std::string_view();
}

void read_content(const Tables& tables, ContentId content, std::uint64_t offset, std::uint32_t length, char* to) {
  const std::string* text = content.value < tables.contents.size() ? &tables.contents[content.value].text : nullptr;
  for (std::uint32_t i = 0; i < length; ++i) {
    const std::uint64_t at = offset + i;
    const bool pattern = text == nullptr || text->empty();
    to[i] = pattern ? static_cast<char>('a' + at % 26) : at < text->size() ? (*text)[at] : '\0';
  }
}

}  // namespace fourtuple::trace
