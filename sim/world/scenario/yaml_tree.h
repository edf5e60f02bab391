// A YAML file as a tree of nodes that know where they stand, read from libyaml's events. The format is YAML 1.2
// restricted: one document, no aliases, anchors, tags or duplicate keys, keys are scalars; 64 levels, 16 MB and 500,000
// nodes at most.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/base/outcome.h"
#include "sim/world/scenario/parse.h"
#include "sim/world/scenario/scenario.h"

namespace fourtuple::world {

struct Member;

struct Node {
  enum class Kind : std::uint8_t { scalar, sequence, mapping };
  Kind kind = Kind::scalar;
  bool plain = false;  // a scalar without quotes
  std::string text;    // of a scalar
  Mark mark;
  std::vector<Node> items;      // of a sequence
  std::vector<Member> members;  // of a mapping, in order

  // The value of `key`, or null; also null when this is not a mapping.
  const Node* find(std::string_view key) const;
  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_sequence() const { return kind == Kind::sequence; }
  bool is_mapping() const { return kind == Kind::mapping; }
  // "a text", "a list", "a mapping", "no value"
  std::string_view kind_words() const;
};

struct Member {
  std::string key;
  Mark mark;
  Node value;
};

// Collects what is wrong with a file, at most `limit` errors and one for each place. A mark with line 0 belongs to
// override `column` - 1.
class Reporter {
 public:
  static constexpr std::size_t limit = 50;

  Reporter(std::string file, const std::vector<Override>& overrides) : file_(std::move(file)), overrides_(overrides) {}
  void error(Mark mark, std::string message, std::string expected = {}, std::string suggestion = {});
  void warning(Mark mark, std::string message, std::string expected = {}, std::string suggestion = {});
  // Found by another parser, which knows the place; it may be in another file.
  void add(Error error);
  void add_warning(Error warning);
  bool failed() const { return !errors_.empty(); }
  // No more errors are taken: looking for suggestions is wasted work.
  bool full() const { return errors_.size() >= limit; }
  // Both lists in order of place.
  void finish(std::vector<Error>& errors, std::vector<Error>& warnings);

 private:
  SourcePosition position(Mark mark) const;

  std::string file_;
  const std::vector<Override>& overrides_;
  std::vector<Error> errors_, warnings_;
};

// Reads one document; false when the text is not YAML at all (reported). Duplicate keys and the like are reported and
// reading goes on.
bool read_tree(std::string_view text, Reporter& reporter, Node& root);

// Puts the overrides into the tree.
void apply_overrides(const std::vector<Override>& overrides, Reporter& reporter, Node& root);

// A text of the file as a message shows it: in quotes, without control characters, at most 60 bytes.
std::string in_quotes(std::string_view text);

}  // namespace fourtuple::world
