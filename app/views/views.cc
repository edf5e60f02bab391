#include "app/views/views.h"

namespace fourtuple::app {
namespace {

constexpr View all_views[] = {
    {"ss", ss_text, ss_json},
    {"lsof", lsof_text, lsof_json},
    {"netstat", netstat_text, netstat_json},
    {"fds", fds_text, fds_json},
    {"ports", ports_text, ports_json},
    {"routes", routes_text, routes_json},
    {"conntrack", conntrack_text, conntrack_json},
    {"nft", nft_text, nft_json},
};

}  // namespace

std::span<const View> views() {
  return all_views;
}

const View* find_view(std::string_view name) {
  for (const View& view : all_views)
    if (view.name == name) return &view;
  return nullptr;
}

}  // namespace fourtuple::app
