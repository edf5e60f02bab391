// Rulesets in the nft language: any bytes end in a tree whose spans lie in the text, or in errors with a place.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sim/base/check.h"
#include "sim/netfilter/nft/parse.h"

namespace {

using namespace fourtuple;

void check_span(nft::Span span, const nft::Script& script) {
  FT_CHECK(span.begin <= span.end && span.end <= script.text.size());
}

void check(const nft::Expr& expr, const nft::Script& script) {
  check_span(expr.span, script);
  for (const nft::Expr& part : expr.parts) check(part, script);
}

void check(const nft::Statement& statement, const nft::Script& script) {
  check_span(statement.span, script);
  for (const auto* parts : {&statement.left, &statement.right, &statement.address, &statement.port})
    for (const nft::Expr& part : *parts) check(part, script);
  for (const nft::Statement& inner : statement.inner) check(inner, script);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  nft::ParseOptions options;
  options.include = [&](std::string_view path) -> std::optional<std::string> {
    if (path != "self") return std::nullopt;
    return std::string(text.substr(0, 100));
  };
  const nft::ParseResult result = nft::parse(text, options);
  FT_CHECK(result.errors.size() <= 20);
  for (const Error& error : result.errors) FT_CHECK(error.where.line > 0 && !error.message.empty());
  for (const nft::Warning& warning : result.script.warnings) FT_CHECK(warning.where.line > 0);
  if (!result.errors.empty()) return 0;
  for (const nft::Command& command : result.script.commands) {
    check_span(command.span, result.script);
    for (const nft::Chain& chain : command.table.chains)
      for (const nft::Rule& rule : chain.rules)
        for (const nft::Statement& statement : rule.statements) check(statement, result.script);
    for (const nft::Set& set : command.table.sets)
      for (const nft::Expr& element : set.elements) check(element, result.script);
  }
  return 0;
}
