#include "sim/replay/listing.h"

#include <algorithm>
#include <fmt/format.h>

namespace fourtuple::replay {
namespace {

using trace::ListingPiece;

state::NetfilterObject object_of(const state::State& state, std::uint64_t id) {
  return id < state.objects.size() ? state.objects[static_cast<std::uint32_t>(id)] : state::NetfilterObject{};
}

// In the largest unit that divides it, as nft prints amounts.
std::string used_text(std::uint64_t bytes) {
  constexpr std::string_view units[] = {"bytes", "kbytes", "mbytes"};
  std::size_t unit = 0;
  for (; unit + 1 < std::size(units) && bytes % 1024 == 0 && bytes != 0; ++unit) bytes /= 1024;
  return bytes == 0 ? "" : fmt::format(" used {} {}", bytes, units[unit]);
}

// The pieces but element lists; ids count from `first`.
std::string pieces_text(const std::vector<ListingPiece>& pieces, const state::State& state, std::uint32_t first) {
  std::string text;
  for (const ListingPiece& piece : pieces) {
    const std::uint64_t id = std::uint64_t{first} + piece.id;
    if (piece.kind == ListingPiece::Kind::text) text += piece.text;
    if (piece.kind == ListingPiece::Kind::counter) text += counter_text(object_of(state, id));
    if (piece.kind == ListingPiece::Kind::quota_used) text += used_text(object_of(state, id).first);
  }
  return text;
}

std::string duration_text(const ListingStyle& style, std::uint64_t ns) {
  const std::uint64_t ms = ns / 1'000'000;
  return style.duration ? style.duration(ms) : fmt::format("{}ms", ms);
}

std::string timeout_text(const trace::SetInfo& set, const state::SetElement& element, Time now,
                         const ListingStyle& style) {
  std::string text;
  if (element.timeout_ns != 0 && element.timeout_ns != set.timeout_ns)
    text += " timeout " + duration_text(style, element.timeout_ns);
  if (element.expires == Time::never()) return text;
  const std::string left = duration_text(style, static_cast<std::uint64_t>(element.expires.ns - now.ns));
  return left.empty() ? text : text + " expires " + left;
}

// The mapped value of an element that a packet added.
std::string data_text(HostId host, const trace::SetInfo& set, std::uint64_t data, const ListingStyle& style) {
  if (!set.is_map || set.data_types.empty()) return "";
  std::size_t count = 0;
  for (const std::uint8_t width : set.data_widths) count += width > 32 ? (width + 31u) / 32u : 1;
  std::vector<std::uint32_t> words(std::max<std::size_t>(count, 1));
  words.back() = static_cast<std::uint32_t>(data);
  if (words.size() > 1) words[words.size() - 2] = static_cast<std::uint32_t>(data >> 32);
  return " : " + style.value(host, set.data_types, set.data_widths, words);
}

std::vector<std::uint32_t> key_of(const state::SetElement& element) {
  const auto count = std::min<std::size_t>(element.word_count, element.words.size());
  return {element.words.begin(), element.words.begin() + static_cast<std::ptrdiff_t>(count)};
}

std::size_t key_words(const trace::SetInfo& set) {
  std::size_t count = 0;
  for (const std::uint8_t width : set.widths) count += width > 32 ? (width + 31u) / 32u : 1;
  return std::min<std::size_t>(count, 16);
}

bool stands_before(const ListingStyle& style, const trace::SetInfo& set, const ElementText& a, const ElementText& b) {
  if (style.before) return style.before(set, a.words, b.words);
  return a.words < b.words;
}

std::string key_text(HostId host, const trace::SetInfo& set, const std::vector<std::uint32_t>& words,
                     const ListingStyle& style) {
  const std::size_t size = key_words(set);
  if (words.size() < 2 * size || size == 0) return style.value(host, set.types, set.widths, words);
  const KeyWords low(words.data(), size), high(words.data() + size, size);
  if (style.interval) return style.interval(set, low, high);
  return style.value(host, set.types, set.widths, low) + "-" + style.value(host, set.types, set.widths, high);
}

std::string elements_line(const trace::RulesetInfo& ruleset, std::uint32_t id, const state::State& state, Time now,
                          const ListingStyle& style) {
  for (const trace::SetInfo& set : ruleset.sets) {
    if (set.id != id) continue;
    std::vector<std::string> texts;
    std::string joined;
    for (ElementText& element : elements_of(ruleset, set, state, now, style)) {
      joined += (joined.empty() ? "" : ", ") + element.text;
      texts.push_back(std::move(element.text));
    }
    if (texts.empty()) return "";
    return style.line ? style.line(set, texts) : "\t\telements = { " + joined + " }\n";
  }
  return "";
}

}  // namespace

const trace::RulesetInfo* ruleset_of(const std::vector<trace::RulesetInfo>& rulesets, const state::State& state,
                                     HostId host) {
  if (host.value >= state.rulesets.size()) return nullptr;
  const std::uint32_t number = state.rulesets[host.value];
  return number < rulesets.size() ? &rulesets[number] : nullptr;
}

std::string counter_text(const state::NetfilterObject& counter) {
  return fmt::format("packets {} bytes {}", counter.first, counter.second);
}

std::vector<ElementText> elements_of(const trace::RulesetInfo& ruleset, const trace::SetInfo& set,
                                     const state::State& state, Time now, const ListingStyle& style) {
  std::vector<ElementText> elements, added;
  for (std::uint32_t i = 0; i < state.set_elements.end(); ++i) {
    if (!state.set_elements.alive(i)) continue;
    const state::SetElement& element = state.set_elements[i];
    if (element.set != set.id || element.expires <= now) continue;
    ElementText listed;
    listed.words = key_of(element);
    listed.expires = element.expires;
    listed.text = key_text(ruleset.host, set, listed.words, style);
    if (element.object != 0xffffffffu) listed.text += pieces_text(set.attached, state, element.object);
    listed.text += timeout_text(set, element, now, style) + data_text(ruleset.host, set, element.data, style);
    added.push_back(std::move(listed));
  }
  const auto before = [&](const ElementText& a, const ElementText& b) { return stands_before(style, set, a, b); };
  std::stable_sort(added.begin(), added.end(), before);
  auto next = added.begin();
  for (const trace::ListedElement& known : ruleset.elements) {
    if (known.set != set.id) continue;
    ElementText listed;
    listed.words.assign(known.words.begin(), known.words.begin() + static_cast<std::ptrdiff_t>(key_words(set)));
    listed.text = known.text;
    for (; next != added.end() && before(*next, listed); ++next) elements.push_back(std::move(*next));
    elements.push_back(std::move(listed));
  }
  std::move(next, added.end(), std::back_inserter(elements));
  return elements;
}

std::string listing_text(const trace::RulesetInfo& ruleset, const state::State& state, Time now,
                         const ListingStyle& style) {
  std::string text;
  for (const ListingPiece& piece : ruleset.listing)
    text += piece.kind == ListingPiece::Kind::elements ? elements_line(ruleset, piece.id, state, now, style)
                                                       : pieces_text({piece}, state, 0);
  return text;
}

}  // namespace fourtuple::replay
