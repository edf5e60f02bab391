// Rulesets of a scenario: where their text stands, what is wrong in it at the scenario's own line and column, and what
// is expected of rules and of connection tracking.
#include <filesystem>
#include <fstream>

#include "sim/netfilter/nft/iptables.h"
#include "sim/netfilter/nft/parse.h"
#include "sim/netfilter/rules/model.h"
#include "sim/world/scenario/keys.h"
#include "sim/world/scenario/loader.h"
#include "sim/world/scenario/quantity.h"

namespace fourtuple::world {
namespace {

constexpr std::size_t max_ruleset_bytes = 1u << 20;

// Where the lines of a scalar begin in the file. In a block (`|`) every line has the same indentation; a scalar on one
// line begins behind its quote, if it has one.
Mark text_begin(std::string_view file, const Node& node) {
  std::size_t at = 0;
  for (std::uint32_t line = 1; line < node.mark.line && at != std::string_view::npos; ++line)
    at = file.find('\n', at) + 1;
  const std::size_t value = at + node.mark.column - 1;
  if (value >= file.size() || node.mark.line == 0) return {1, 1};
  if (file[value] != '|' && file[value] != '>') {
    const bool quoted = file[value] == '"' || file[value] == '\'';
    return {node.mark.line, node.mark.column + (quoted ? 1 : 0)};
  }
  const std::size_t next = file.find('\n', value);
  if (next == std::string_view::npos) return {node.mark.line + 1, 1};
  std::uint32_t lines = 1;
  std::size_t begin = next + 1;
  // Blank lines before the text count as lines of it, but only the first other one shows the indentation.
  std::size_t probe = begin;
  while (probe < file.size() && (file[probe] == ' ' || file[probe] == '\n')) {
    if (file[probe] == '\n') begin = probe + 1;
    ++probe;
  }
  return {node.mark.line + lines, static_cast<std::uint32_t>(probe - begin) + 1};
}

std::optional<std::string> read_file(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  std::string text(max_ruleset_bytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return std::nullopt;
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

}  // namespace

SourcePosition Loader::ruleset_position(const RulesetSpec& spec, const SourcePosition& in_text) const {
  if (spec.own_file || in_text.line <= 0) return in_text;
  const int line = in_text.line - static_cast<int>(spec.generated_lines);
  if (line <= 0) return scenario_.position(spec.where);
  return {scenario_.file_name, static_cast<int>(spec.text_begins.line) + line - 1,
          static_cast<int>(spec.text_begins.column) + std::max(in_text.column, 1) - 1};
}

std::shared_ptr<const RulesetSpec> Loader::ruleset(const Node& value) {
  auto spec = std::make_shared<RulesetSpec>();
  spec->where = value.mark;
  std::string text;
  nft::ParseOptions options;
  const std::filesystem::path folder = std::filesystem::path(scenario_.file_name).parent_path();
  if (value.is_scalar()) {
    text = value.text;
    spec->text_begins = text_begin(scenario_.text, value);
    options.source_name = scenario_.file_name;
  } else {
    const Node* file = value.find("file");
    if (file == nullptr || !file->is_scalar()) return nullptr;
    const std::optional<std::string> found = read_file(folder / file->text);
    if (!found) {
      reporter_.error(file->mark, "the file " + world::in_quotes(file->text) + " cannot be read",
                      "a ruleset beside the scenario");
      return nullptr;
    }
    text = *found;
    spec->own_file = true;
    options.source_name = (folder / file->text).string();
  }
  if (text.size() > max_ruleset_bytes) {
    reporter_.error(value.mark, "the ruleset is larger than 1 MB", "a smaller one");
    return nullptr;
  }
  options.include = [folder](std::string_view path) { return read_file(folder / path); };
  nft::ParseResult result =
      nft::is_iptables_save(text) ? nft::parse_iptables_save(text, options) : nft::parse(text, options);
  const bool failed = !result.errors.empty();
  for (Error& error : result.errors) {
    error.where = ruleset_position(*spec, error.where);
    reporter_.add(std::move(error));
  }
  for (const nft::Warning& warning : result.script.warnings)
    reporter_.add_warning({ruleset_position(*spec, warning.where), warning.message, {}, {}});
  if (failed) return nullptr;
  spec->script = std::move(result.script);
  return spec;
}

void Loader::load_ruleset(const Node& node, HostSpec& host, std::uint32_t index) {
  const Node* value = node.find("nft");
  if (models_.size() <= index) models_.resize(index + 1);
  if (value == nullptr) return;
  host.nft = ruleset(*value);
  if (host.nft != nullptr) check_ruleset(*host.nft, index);
}

// Entries of the timeline are checked in the order of the file, which is the order they are meant to run in.
void Loader::check_ruleset(const RulesetSpec& spec, std::uint32_t host) {
  Outcome<netfilter::Model> model = netfilter::apply_script(models_[host], spec.script);
  if (model) {
    models_[host] = std::move(*model);
    return;
  }
  Error error = model.error();
  error.where = ruleset_position(spec, error.where);
  reporter_.add(std::move(error));
}

void Loader::load_nft_entry(const Node& node, const Member& verb, TimelineEntry& entry) {
  const Node* host = node.find("host");
  if (host != nullptr && host->is_scalar())
    entry.host = hosts_.find(host->text, host->mark, reporter_);
  else
    reporter_.error(verb.mark, "'nft' does not say on which host", "host: name");
  entry.ruleset = ruleset(verb.value);
  if (entry.ruleset != nullptr && entry.host != nothing) check_ruleset(*entry.ruleset, entry.host);
}

void Loader::load_tracked(const Node& node, const Node& which, Expectation& expect) {
  expect.kind = Expectation::Kind::conntrack;
  if (const Node* host = which.find("host"); host != nullptr && host->is_scalar())
    expect.host = hosts_.find(host->text, host->mark, reporter_);
  expect.protocol = protocol_from(scalar(which, "protocol")).value_or(Protocol::none);
  expect.connection_state = scalar(which, "state");
  expect.original_from = endpoint_pattern(which.find("from"));
  expect.original_to = endpoint_pattern(which.find("to"));
  expect.reply_from = endpoint_pattern(which.find("reply-from"));
  expect.reply_to = endpoint_pattern(which.find("reply-to"));
  load_count(node, expect);
}

void Loader::load_rule_count(const Node& node, const Node& which, Expectation& expect) {
  expect.kind = Expectation::Kind::rule;
  if (const Node* host = which.find("host"); host != nullptr && host->is_scalar())
    expect.host = hosts_.find(host->text, host->mark, reporter_);
  expect.chain = scalar(which, "chain");
  expect.rule = scalar(which, "rule");
  load_count(node, expect);
}

}  // namespace fourtuple::world
