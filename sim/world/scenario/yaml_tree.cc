#include "sim/world/scenario/yaml_tree.h"

#include <algorithm>
#include <set>
#include <yaml.h>

#include "sim/base/nearest.h"

namespace fourtuple::world {
namespace {

constexpr std::size_t max_nodes = 500'000;
constexpr std::size_t max_depth = 64;

Mark mark_of(const yaml_mark_t& mark) {
  return {static_cast<std::uint32_t>(mark.line) + 1, static_cast<std::uint32_t>(mark.column) + 1};
}

// Builds the tree from events; stops at the first fault that makes the rest meaningless.
class Builder {
 public:
  Builder(std::string_view text, Reporter& reporter) : text_(text), reporter_(reporter) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  ~Builder() {
    yaml_event_delete(&event_);
    yaml_parser_delete(&parser_);
  }
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;

  bool document(Node& root) {
    if (!next() || !next()) return false;  // stream start, document start
    if (event_.type == YAML_STREAM_END_EVENT) {
      reporter_.error({1, 1}, "the file is empty", "a scenario that starts with 'fourtuple: 1'");
      return false;
    }
    if (!next() || !value(root, 1) || !next() || !next()) return false;
    if (event_.type == YAML_STREAM_END_EVENT) return true;
    reporter_.error(mark_of(event_.start_mark), "a second document starts here", "one scenario per file");
    return true;
  }

 private:
  bool next() {
    yaml_event_delete(&event_);
    event_ = {};
    if (yaml_parser_parse(&parser_, &event_) != 0) return true;
    syntax_error();
    return false;
  }

  void syntax_error() {
    Mark mark = mark_of(parser_.problem_mark);
    if (parser_.error == YAML_READER_ERROR) mark = mark_at(parser_.problem_offset);
    std::string message = "this is not YAML";
    if (parser_.problem != nullptr) message += std::string(": ") + parser_.problem;
    if (parser_.context != nullptr && parser_.problem != nullptr &&
        std::string_view(parser_.context).find("quoted scalar") != std::string::npos) {
      mark = mark_of(parser_.context_mark);
      if (std::string_view(parser_.problem).find("end of stream") != std::string_view::npos)
        message = "this quote is never closed";
    }
    if (parser_.error == YAML_MEMORY_ERROR) message = "not enough memory to read this file";
    std::string expected;
    if (parser_.problem != nullptr && std::string_view(parser_.problem).find("start any token") != std::string::npos)
      expected = "spaces for indentation, and quotes around texts that start with a special character";
    if (parser_.error == YAML_READER_ERROR) expected = "UTF-8 text without control characters";
    reporter_.error(mark, message, expected);
  }

  // Line and column of a byte offset, for faults libyaml gives no mark for.
  Mark mark_at(std::size_t offset) const {
    Mark mark{1, 1};
    for (std::size_t i = 0; i < std::min(offset, text_.size()); ++i) {
      if (text_[i] == '\n') {
        ++mark.line;
        mark.column = 1;
      } else if ((text_[i] & 0xc0) != 0x80) {
        ++mark.column;
      }
    }
    return mark;
  }

  bool refuse(const char* what, const char* expected) {
    reporter_.error(mark_of(event_.start_mark), what, expected);
    return false;
  }

  // Anchors, aliases and tags end the reading: what they stand for is not in the text where it is used.
  bool allowed() {
    const bool tagged = (event_.type == YAML_SCALAR_EVENT && event_.data.scalar.tag != nullptr) ||
                        (event_.type == YAML_SEQUENCE_START_EVENT && event_.data.sequence_start.tag != nullptr) ||
                        (event_.type == YAML_MAPPING_START_EVENT && event_.data.mapping_start.tag != nullptr);
    const bool anchored = (event_.type == YAML_SCALAR_EVENT && event_.data.scalar.anchor != nullptr) ||
                          (event_.type == YAML_SEQUENCE_START_EVENT && event_.data.sequence_start.anchor != nullptr) ||
                          (event_.type == YAML_MAPPING_START_EVENT && event_.data.mapping_start.anchor != nullptr);
    if (event_.type == YAML_ALIAS_EVENT)
      return refuse("aliases (*name) are not part of the format",
                    "the value itself; a text that starts with * in quotes");
    if (tagged) return refuse("tags (!name) are not part of the format", "the value without its tag");
    if (anchored) return refuse("anchors (&name) are not part of the format", "the value without its anchor");
    return true;
  }

  // Reads the value that starts with the current event.
  bool value(Node& node, std::size_t depth) {
    if (!allowed()) return false;
    if (depth > max_depth) return refuse("nesting is deeper than 64 levels", "a flatter file");
    if (++nodes_ > max_nodes) return refuse("the file has more than 500,000 values", "a smaller file");
    node.mark = mark_of(event_.start_mark);
    if (event_.type == YAML_SCALAR_EVENT) {
      node.text.assign(reinterpret_cast<const char*>(event_.data.scalar.value), event_.data.scalar.length);
      node.plain = event_.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
      return true;
    }
    if (event_.type == YAML_SEQUENCE_START_EVENT) return sequence(node, depth);
    return mapping(node, depth);
  }

  bool sequence(Node& node, std::size_t depth) {
    node.kind = Node::Kind::sequence;
    while (true) {
      if (!next()) return false;
      if (event_.type == YAML_SEQUENCE_END_EVENT) return true;
      if (!value(node.items.emplace_back(), depth + 1)) return false;
    }
  }

  bool mapping(Node& node, std::size_t depth) {
    node.kind = Node::Kind::mapping;
    std::set<std::string> seen;
    while (true) {
      if (!next()) return false;
      if (event_.type == YAML_MAPPING_END_EVENT) return true;
      Node key;
      if (!value(key, depth + 1)) return false;
      if (!key.is_scalar()) {
        reporter_.error(key.mark, "a list or mapping cannot be a key", "a word followed by ':'");
        return false;
      }
      const bool fresh = seen.insert(key.text).second;
      if (!fresh) reporter_.error(key.mark, "the key " + in_quotes(key.text) + " is given twice", "each key once");
      Member member{key.text, key.mark, {}};
      if (!next() || !value(member.value, depth + 1)) return false;
      if (fresh) node.members.push_back(std::move(member));
    }
  }

  std::string_view text_;
  Reporter& reporter_;
  yaml_parser_t parser_{};
  yaml_event_t event_{};
  std::size_t nodes_ = 0;
};

void set_marks(Node& node, Mark mark) {
  node.mark = mark;
  for (Node& item : node.items) set_marks(item, mark);
  for (Member& member : node.members) {
    member.mark = mark;
    set_marks(member.value, mark);
  }
}

// The node one step down the path; keys of mappings are made when they are missing. Null when there is no such step.
Node* step(Node& node, const std::string& name, Mark mark) {
  if (node.is_sequence()) {
    if (name.empty() || name.size() > 6 || name.find_first_not_of("0123456789") != std::string::npos) return nullptr;
    const std::size_t index = std::stoul(name);
    return index < node.items.size() ? &node.items[index] : nullptr;
  }
  if (node.is_scalar()) {
    if (!node.plain || !node.text.empty()) return nullptr;
    node = Node{};
    node.kind = Node::Kind::mapping;
    node.mark = mark;
  }
  for (Member& member : node.members)
    if (member.key == name) return &member.value;
  Node empty;
  empty.plain = true;
  empty.mark = mark;
  node.members.push_back({name, mark, std::move(empty)});
  return &node.members.back().value;
}

// A misspelt host or network must not become a new one.
bool names_what_is_there(const std::string& path, Mark mark, const Node& root, Reporter& reporter) {
  const std::size_t dot = std::min(path.find('.'), path.size());
  const std::string group = path.substr(0, dot);
  const Node* there = root.find(group);
  if ((group != "hosts" && group != "networks") || dot == path.size() || there == nullptr) return true;
  const std::string name = path.substr(dot + 1, path.find('.', dot + 1) - dot - 1);
  if (there->find(name) != nullptr) return true;
  std::vector<std::string_view> names;
  for (const Member& member : there->members) names.push_back(member.key);
  reporter.error(mark, "there is no " + group.substr(0, group.size() - 1) + " " + in_quotes(name), "one the file has",
                 nearest(name, names));
  return false;
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (const Member& member : members)
    if (member.key == key) return &member.value;
  return nullptr;
}

std::string_view Node::kind_words() const {
  if (kind == Kind::sequence) return "a list";
  if (kind == Kind::mapping) return "a mapping";
  return plain && text.empty() ? "no value" : "a single value";
}

SourcePosition Reporter::position(Mark mark) const {
  if (mark.line > 0) return {file_, static_cast<int>(mark.line), static_cast<int>(mark.column)};
  if (mark.column == 0 || mark.column > overrides_.size()) return {file_, 0, 0};
  const Override& change = overrides_[mark.column - 1];
  return {"--set " + change.path + "=" + change.value, 0, 0};
}

void Reporter::error(Mark mark, std::string message, std::string expected, std::string suggestion) {
  if (full()) return;
  const auto here = [&](const Error& other) {
    return mark.line > 0 && other.where.line == static_cast<int>(mark.line) &&
           other.where.column == static_cast<int>(mark.column);
  };
  if (std::any_of(errors_.begin(), errors_.end(), here)) return;
  errors_.push_back({position(mark), std::move(message), std::move(expected), std::move(suggestion)});
}

void Reporter::warning(Mark mark, std::string message, std::string expected, std::string suggestion) {
  if (warnings_.size() >= limit) return;
  warnings_.push_back({position(mark), std::move(message), std::move(expected), std::move(suggestion)});
}

void Reporter::add(Error error) {
  if (!full()) errors_.push_back(std::move(error));
}

void Reporter::add_warning(Error warning) {
  if (warnings_.size() < limit) warnings_.push_back(std::move(warning));
}

void Reporter::finish(std::vector<Error>& errors, std::vector<Error>& warnings) {
  const auto earlier = [](const Error& a, const Error& b) {
    return a.where.line != b.where.line ? a.where.line < b.where.line : a.where.column < b.where.column;
  };
  std::stable_sort(errors_.begin(), errors_.end(), earlier);
  std::stable_sort(warnings_.begin(), warnings_.end(), earlier);
  errors = std::move(errors_);
  warnings = std::move(warnings_);
}

bool read_tree(std::string_view text, Reporter& reporter, Node& root) {
  constexpr std::size_t max_bytes = 16u << 20;
  if (text.size() > max_bytes) {
    reporter.error({1, 1}, "the file is larger than 16 MB", "a scenario written by hand");
    return false;
  }
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return Builder(text, reporter).document(root);
}

void apply_overrides(const std::vector<Override>& overrides, Reporter& reporter, Node& root) {
  for (std::uint32_t i = 0; i < overrides.size(); ++i) {
    const Mark mark{0, i + 1};
    Node value;
    Reporter of_value({}, overrides);
    if (overrides[i].value.size() > 65536 || !read_tree(overrides[i].value, of_value, value) || of_value.failed()) {
      reporter.error(mark, "the value is not YAML", "a value as the file would hold it");
      continue;
    }
    set_marks(value, mark);
    if (!names_what_is_there(overrides[i].path, mark, root, reporter)) continue;
    Node* at = &root;
    std::size_t begin = 0, depth = 1;
    while (at != nullptr && begin <= overrides[i].path.size()) {
      const std::size_t end = std::min(overrides[i].path.find('.', begin), overrides[i].path.size());
      at = ++depth > max_depth ? nullptr : step(*at, overrides[i].path.substr(begin, end - begin), mark);
      begin = end + 1;
    }
    if (at == nullptr)
      reporter.error(mark, "there is nothing at " + in_quotes(overrides[i].path), "a path such as networks.wan.loss");
    else
      *at = std::move(value);
  }
}

std::string in_quotes(std::string_view text) {
  std::string shown = "'";
  for (const char c : text.substr(0, 60)) shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  // Do not cut a UTF-8 character in half.
  if (text.size() > 60) {
    while ((shown.back() & 0xc0) == 0x80) shown.pop_back();
    if ((shown.back() & 0x80) != 0) shown.pop_back();
    shown += "…";
  }
  return shown + "'";
}

}  // namespace fourtuple::world
