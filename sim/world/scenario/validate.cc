#include "sim/world/scenario/validate.h"

#include <algorithm>

namespace fourtuple::world {
namespace {

class Validator {
 public:
  explicit Validator(Reporter& reporter) : reporter_(reporter) {}

  void object(const Node& node, const Object& object) {
    if (!node.is_mapping()) {
      reporter_.error(node.mark, "here stands " + std::string(node.kind_words()),
                      "a mapping with the keys of " + article(object.name));
      return;
    }
    const Member* chosen = chosen_member(node, object);
    for (const Member& member : node.members) {
      const Key* key = object.find(member.key);
      if (key == nullptr)
        unknown_key(member, object);
      else if (beside(*key, member, chosen, object))
        value(member.value, *key);
    }
    missing(node, object, chosen);
  }

 private:
  static std::string article(std::string_view name) {
    const bool vowel = std::string_view("aeiou").find(name[0]) != std::string_view::npos;
    std::string words = (vowel ? "an " : "a ") + std::string(name);
    std::replace(words.begin(), words.end(), '-', ' ');
    return words;
  }

  void unknown_key(const Member& member, const Object& object) {
    if (reporter_.full()) return;
    const std::string_view later = not_available(member.key);
    if (!later.empty()) {
      reporter_.error(member.mark, in_quotes(member.key) + " (" + std::string(later) +
                                       ") is not available in this version of the simulator");
      return;
    }
    std::vector<std::string_view> names;
    std::string list;
    for (const Key& key : object.keys) {
      names.push_back(key.name);
      list += (list.empty() ? "" : ", ") + std::string(key.name);
    }
    // { say: One, two } is a key "two" without a value.
    const bool cut_text = member.value.plain && member.value.text.empty() &&
                          (object.name == "text" || member.key.find(' ') != std::string::npos);
    // Kernel settings are known by their last word: net.ipv4.tcp_tw_reuse.
    const std::size_t dot = object.name == "sysctl" ? member.key.rfind('.') : std::string::npos;
    std::string suggestion = nearest(std::string_view(member.key).substr(dot + 1), names);
    std::string expected = suggestion.empty() && names.size() <= 16 ? "one of " + list : "";
    if (cut_text) expected = "quotes around a text that has a comma";
    reporter_.error(member.mark, in_quotes(member.key) + " is not a key of " + article(object.name), expected,
                    cut_text ? "" : suggestion);
  }

  // Whether `member` may stand beside the key that says what kind of entry this is.
  bool beside(const Key& key, const Member& member, const Member* chosen, const Object& object) {
    if (chosen == nullptr) return true;
    if (key.chooses && &member != chosen) {
      reporter_.error(member.mark,
                      article(object.name) + " with '" + chosen->key + "' cannot also have '" + member.key + "'",
                      "one of them, in an entry of its own each");
      return false;
    }
    if (key.chooses || goes_with(key, chosen->key)) return true;
    std::string list(key.with);
    for (std::size_t space = list.find(' '); space != std::string::npos; space = list.find(' ', space + 2))
      list.replace(space, 1, ", ");
    reporter_.error(member.mark, "'" + member.key + "' means nothing beside '" + chosen->key + "'",
                    "'" + member.key + "' only with " + list);
    return false;
  }

  void missing(const Node& node, const Object& object, const Member* chosen) {
    std::string choices;
    for (const Key& key : object.keys) {
      if (key.chooses) choices += (choices.empty() ? "" : ", ") + std::string(key.name);
      if (key.required && node.find(key.name) == nullptr)
        reporter_.error(node.mark, article(object.name) + " needs '" + std::string(key.name) + "'",
                        key.example.empty() ? "" : std::string(key.name) + ": " + std::string(key.example));
    }
    if (!choices.empty() && chosen == nullptr)
      reporter_.error(node.mark, article(object.name) + " needs a key that says what it is", "one of " + choices);
  }

  void value(const Node& node, const Key& key) {
    switch (key.shape) {
      case Shape::one:
        return single(node, key);
      case Shape::list:
        if (!node.is_sequence()) return wrong_kind(node, key, "a list");
        for (const Node& item : node.items) single(item, key);
        return;
      case Shape::one_or_list:
        if (!node.is_sequence()) return single(node, key);
        if (node.items.empty()) reporter_.error(node.mark, "the list is empty", expected_words(key, key.form));
        for (const Node& item : node.items) single(item, key);
        return;
      case Shape::named:
        if (!node.is_mapping()) return wrong_kind(node, key, "a mapping from names to values");
        for (const Member& member : node.members) {
          if (!fits(key, key.names, member.key))
            reporter_.error(member.mark, in_quotes(member.key) + " cannot be used as a name here",
                            expected_words(key, key.names));
          if (key.names == Form::destination && member.value.is_sequence()) {
            for (const Node& item : member.value.items) single(item, key);
          } else {
            single(member.value, key);
          }
        }
    }
  }

  void single(const Node& node, const Key& key) {
    if (node.is_mapping() && key.object != nullptr) return object(node, *key.object);
    if (!node.is_scalar() || key.form == Form::none) {
      const std::string other = key.form == Form::none ? "" : expected_words(key, key.form);
      return wrong_kind(node, key, key.form == Form::none ? "a mapping, { key: value }" : other);
    }
    if (node.plain && node.text.empty()) {
      reporter_.error(node.mark, "'" + std::string(key.name) + "' has no value", expected_words(key, key.form));
      return;
    }
    if (!fits(key, key.form, node.text)) misfit(node, key);
  }

  void misfit(const Node& node, const Key& key) {
    if (reporter_.full()) return;
    std::string suggestion;
    if (key.form == Form::word) suggestion = nearest(node.text, words_in(key.words));
    if (key.form == Form::boolean) {
      for (const std::string_view yes : {"yes", "on", "True", "TRUE", "1"})
        if (node.text == yes) suggestion = "true";
      for (const std::string_view no : {"no", "off", "False", "FALSE", "0"})
        if (node.text == no) suggestion = "false";
    }
    if (key.form == Form::duration && node.text.find_first_not_of("0123456789") == std::string::npos)
      suggestion = node.text + " ms";
    if (key.form == Form::flags) {
      constexpr std::string_view flags[] = {"SYN", "SYN ACK", "ACK", "FIN", "FIN ACK", "RST", "PSH", "PSH ACK"};
      suggestion = nearest(node.text, flags);
    }
    reporter_.error(node.mark, in_quotes(node.text) + " is not a valid value of '" + std::string(key.name) + "'",
                    suggestion.empty() || key.form != Form::word ? expected_words(key, key.form) : "", suggestion);
  }

  void wrong_kind(const Node& node, const Key& key, const std::string& expected) {
    reporter_.error(node.mark, "'" + std::string(key.name) + "' has " + std::string(node.kind_words()), expected);
  }

  Reporter& reporter_;
};

}  // namespace

const Member* chosen_member(const Node& node, const Object& object) {
  for (const Member& member : node.members) {
    const Key* key = object.find(member.key);
    if (key != nullptr && key->chooses) return &member;
  }
  return nullptr;
}

void validate(const Node& root, Reporter& reporter) {
  Validator(reporter).object(root, root_object());
}

}  // namespace fourtuple::world
