#include "app/services.h"

#include <fstream>
#include <sstream>

#include "sim/netfilter/nft/symbols.h"

namespace fourtuple::app {
namespace {

Services built_in() {
  Services services;
  for (const nft::Symbol& symbol : nft::services())
    for (const Protocol protocol : {Protocol::tcp, Protocol::udp})
      services.add({protocol, static_cast<std::uint16_t>(symbol.value), std::string(symbol.name), {}});
  return services;
}

}  // namespace

SystemServices load_services(const char* path) {
  const std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  SystemServices services{Services::parse(text.str()), true};
  if (services.table.empty()) services = {built_in(), false};
  return services;
}

}  // namespace fourtuple::app
