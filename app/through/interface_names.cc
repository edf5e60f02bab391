#include "app/through/interface_names.h"

#include <vector>

namespace fourtuple::app {
namespace {

struct Names {
  std::string inside, outside;

  void look_at(const nft::Rule& rule) {
    bool translates = false;
    for (const nft::Statement& statement : rule.statements)
      translates = translates || (statement.kind == nft::StatementKind::nat &&
                                  (statement.nat == nft::NatKind::masquerade || statement.nat == nft::NatKind::snat));
    for (const nft::Statement& statement : rule.statements) {
      if (statement.kind != nft::StatementKind::match || statement.left.empty() || statement.right.empty()) continue;
      const nft::Field field = statement.left[0].field;
      const bool out = field == nft::Field::meta_oifname || field == nft::Field::meta_oif;
      if (!out && field != nft::Field::meta_iifname && field != nft::Field::meta_iif) continue;
      if (statement.right[0].kind != nft::ExprKind::value || statement.comparison == nft::Comparison::not_equal)
        continue;
      const std::string& name = statement.right[0].text;
      if (name.empty() || name == "lo") continue;
      (out && translates ? outward : others).push_back(name);
    }
  }
  void decide() {
    if (outside.empty() && !outward.empty()) outside = outward.front();
    for (const std::string& name : others)
      if (inside.empty() && name != outside) inside = name;
    if (inside.empty()) inside = outside == "lan" ? "inside" : "lan";
    if (outside.empty()) outside = inside == "wan" ? "outside" : "wan";
  }

  std::vector<std::string> outward, others;
};

}  // namespace

InterfaceNames interface_names(const netfilter::Model& model, const std::string& inside, const std::string& outside) {
  Names names{inside, outside, {}, {}};
  for (const nft::Table& table : model.tables)
    for (const nft::Chain& chain : table.chains)
      for (const nft::Rule& rule : chain.rules) names.look_at(rule);
  names.decide();
  return {names.inside, names.outside};
}

}  // namespace fourtuple::app
