#include "sim/world/scenario/parse.h"

#include <fstream>

#include "sim/world/scenario/loader.h"
#include "sim/world/scenario/quantity.h"
#include "sim/world/scenario/validate.h"

namespace fourtuple::world {

void Loader::load(const Node& root) {
  scenario_.title = text(root.find("title"));
  scenario_.summary = text(root.find("summary"));
  scenario_.watch = text(root.find("watch"));
  if (const Node* covers = root.find("covers"))
    for (const Node& item : covers->items) scenario_.covers.push_back(item.text);
  scenario_.seed = read(root, "seed", parse_integer).value_or(1);
  scenario_.until = time(root, "until");
  load_networks(root);
  load_hosts(root);
  check_addresses();
  check_networks();
  load_timeline(root);
  load_clients(root);
  check_local_prefixes();
  load_faults(root);
  load_expectations(root);
  load_captions(root);
  check_until(root);
}

ParseResult parse_scenario(std::string_view text, std::string file_name, const std::vector<Override>& overrides) {
  ParseResult result;
  Reporter reporter(file_name, overrides);
  result.scenario.file_name = std::move(file_name);
  result.scenario.text = text;
  Node root;
  if (read_tree(text, reporter, root)) {
    apply_overrides(overrides, reporter, root);
    validate(root, reporter);
    if (root.is_mapping()) Loader(result.scenario, reporter).load(root);
  }
  reporter.finish(result.errors, result.warnings);
  return result;
}

ParseResult load_scenario(const std::string& path, const std::vector<Override>& overrides) {
  const auto unreadable = [&] {
    ParseResult result;
    result.errors.push_back({{path, 0, 0}, "the file cannot be read", "a scenario file (.yaml)", {}});
    return result;
  };
  std::ifstream in(path, std::ios::binary);
  if (!in) return unreadable();
  // One byte more than the parser accepts, so that it is the parser that refuses a file that is too large.
  constexpr std::size_t most = (16u << 20) + 1;
  std::string text;
  std::string chunk(64 * 1024, '\0');
  while (text.size() < most && in.read(chunk.data(), static_cast<std::streamsize>(chunk.size())).gcount() > 0)
    text.append(chunk, 0, static_cast<std::size_t>(in.gcount()));
  if (in.bad() || (text.empty() && !in.eof())) return unreadable();
  return parse_scenario(text, path, overrides);
}

Outcome<Override> parse_override(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == text.size())
    return fail({"--set " + std::string(text), 0, 0}, "this is not a setting",
                "key=value, such as networks.wan.loss=5 %");
  return Override{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

}  // namespace fourtuple::world
