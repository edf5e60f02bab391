#include "capture/names/conversation_names.h"

#include <fmt/format.h>

namespace fourtuple::capture {
namespace {

std::string end_words(const SeenName& name) {
  return fmt::format("{}{} ({})", name.text, name.inferred() ? "?" : "", place_words(name));
}

}  // namespace

std::string conversation_words(const SeenNames& names, std::uint32_t index, const Flow& flow,
                               const AddressTable& addresses) {
  const auto label = names.label_of(index);
  if (label && label->source != NameSource::quic) return fmt::format("{} ({})", label->text, place_words(*label));
  const auto to = names.best(addresses[flow.b]), from = names.best(addresses[flow.a]);
  std::string words = label ? std::string(label->text) : std::string();
  if (!to && !from) return words;
  if (!words.empty()) words += ", ";
  return words + (to ? end_words(*to) : "from " + end_words(*from));
}

}  // namespace fourtuple::capture
