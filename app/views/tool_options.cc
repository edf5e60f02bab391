#include "app/views/tool_options.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/base/nearest.h"

namespace fourtuple::app {
namespace {

const ToolOption* find_letter(std::span<const ToolOption> known, char letter) {
  const auto found = std::find_if(known.begin(), known.end(), [&](const ToolOption& o) { return o.letter == letter; });
  return found == known.end() ? nullptr : &*found;
}

// Reads the words from the left.
class Reader {
 public:
  Reader(std::string_view tool, std::span<const ToolOption> known, std::span<const std::string> words)
      : tool_(tool), known_(known), words_(words) {}

  Outcome<ToolWords> read() {
    for (; at_ < words_.size(); ++at_) {
      const std::string& word = words_[at_];
      Outcome<bool> taken = true;
      if (word.starts_with("--")) {
        taken = read_long(word);
      } else if (word.size() > 1 && word[0] == '-') {
        taken = read_letters(word);
      } else {
        out_.rest.push_back(word);
      }
      if (!taken) return tl::unexpected<Error>(taken.error());
    }
    return out_;
  }

 private:
  Outcome<bool> read_long(const std::string& word) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    for (const ToolOption& option : known_) {
      if (option.name.empty() || option.name != name) continue;
      return take(option, equals == std::string::npos ? "" : word.substr(equals + 1), word);
    }
    return unknown_option(tool_, word, known_);
  }

  Outcome<bool> read_letters(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      const ToolOption* option = find_letter(known_, word[i]);
      if (option == nullptr) return unknown_option(tool_, word, known_);
      if (option->argument != Argument::none) return take(*option, word.substr(i + 1), word);
      out_.options.push_back({option->letter, ""});
    }
    return true;
  }

  Outcome<bool> take(const ToolOption& option, std::string argument, const std::string& word) {
    if (argument.empty() && at_ + 1 < words_.size()) {
      const std::string& next = words_[at_ + 1];
      const bool follows = option.argument == Argument::required ||
                           (option.argument == Argument::optional && !next.starts_with('-') && !next.starts_with('+'));
      if (follows) {
        argument = next;
        ++at_;
      }
    }
    if (argument.empty() && option.argument == Argument::required)
      return fail({}, fmt::format("{} {} needs an argument", tool_, word));
    out_.options.push_back({option.letter, std::move(argument)});
    return true;
  }

  std::string_view tool_;
  std::span<const ToolOption> known_;
  std::span<const std::string> words_;
  std::size_t at_ = 0;
  ToolWords out_;
};

}  // namespace

bool ToolWords::has(char letter) const {
  return std::any_of(options.begin(), options.end(), [&](const GivenOption& o) { return o.letter == letter; });
}

Outcome<ToolWords> read_tool_words(std::string_view tool, std::span<const ToolOption> known,
                                   std::span<const std::string> words) {
  return Reader(tool, known, words).read();
}

tl::unexpected<Error> unknown_option(std::string_view tool, const std::string& word,
                                     std::span<const ToolOption> known) {
  std::string all;
  std::vector<std::string> names{"--at", "--host", "--json", "--explain", "--help"};  // those of `show` itself
  for (const ToolOption& option : known) {
    all += fmt::format("{}-{}", all.empty() ? "" : " ", option.letter);
    if (!option.name.empty()) names.push_back("--" + std::string(option.name));
  }
  std::string what = word;
  if (!word.starts_with("--"))
    for (std::size_t i = word.size(); i-- > 1;)
      if (find_letter(known, word[i]) == nullptr) what = {'-', word[i]};
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  return fail({}, fmt::format("{} has no option '{}' here", tool, what), "some of " + all,
              word.starts_with("--") ? nearest(word, candidates) : std::string());
}

}  // namespace fourtuple::app
