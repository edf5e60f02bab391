#include "app/ruleset_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "sim/netfilter/nft/iptables.h"
#include "sim/netfilter/nft/parse.h"

namespace fourtuple::app {

Outcome<RulesetFile> read_ruleset_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(SourcePosition{path, 0, 0}, "the ruleset cannot be read", "a file in the nft language");
  std::error_code none;
  if (std::filesystem::is_directory(path, none))
    return fail(SourcePosition{path, 0, 0}, "this is a folder", "a file in the nft language");
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  nft::ParseOptions options;
  options.source_name = path;
  nft::ParseResult result =
      nft::is_iptables_save(text) ? nft::parse_iptables_save(text, options) : nft::parse(text, options);
  if (!result.errors.empty()) return tl::unexpected<Error>(result.errors.front());
  RulesetFile file;
  for (const nft::Warning& warning : result.script.warnings)
    file.warnings.push_back(Error{warning.where, warning.message, {}, {}}.to_string("warning"));
  auto model = netfilter::apply_script({}, result.script);
  if (!model) return tl::unexpected<Error>(model.error());
  file.model = std::move(*model);
  auto spec = std::make_shared<world::RulesetSpec>();
  spec->own_file = true;
  spec->script = std::move(result.script);
  file.spec = std::move(spec);
  return file;
}

}  // namespace fourtuple::app
