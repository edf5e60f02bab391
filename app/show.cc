// `fourtuple show`: a host's tables at an instant of a scenario, capture or saved trace.
#include <cstdio>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/output.h"
#include "app/services.h"
#include "app/session.h"
#include "app/views/views.h"
#include "sim/replay/columns.h"
#include "sim/replay/cursor.h"
#include "sim/trace/describe.h"
#include "sim/trace/find_host.h"
#include "sim/world/scenario/words.h"

namespace fourtuple::app {
namespace {

// The hosts asked for: one, or all of them.
Outcome<std::vector<HostId>> hosts_of(const trace::Tables& tables, const std::string& name) {
  std::vector<HostId> hosts;
  std::vector<std::string_view> names;
  std::string all;
  for (std::uint32_t i = 0; i < tables.topology.hosts.size(); ++i) {
    names.push_back(trace::host_name(tables, {i}));
    if (name.empty()) hosts.push_back({i});
    if (i < 12) all += fmt::format("{}{}", all.empty() ? "" : ", ", names.back());
  }
  if (names.size() > 12) all += " and others";
  if (const HostId host = trace::find_host(tables, name); host.valid() && !name.empty()) hosts.push_back(host);
  if (!hosts.empty() || name.empty()) return hosts;
  return fail({}, fmt::format("there is no host '{}'", name), "one of " + all, world::nearest(name, names));
}

std::string text_of(const Listing& listing, const ViewInput& input, const std::vector<HostId>& hosts) {
  std::string text;
  for (const HostId host : hosts) {
    if (hosts.size() > 1)
      text += fmt::format("{}{}:\n", text.empty() ? "" : "\n", trace::host_name(input.tables, host));
    text += listing.text(input, host);
  }
  return text;
}

std::string json_of(const Listing& listing, const ViewInput& input, const std::vector<HostId>& hosts) {
  Json json{{"view", listing.name}, {"at_ns", input.now.ns}, {"hosts", Json::array()}};
  for (const HostId host : hosts)
    json["hosts"].push_back({{"host", trace::host_name(input.tables, host)}, {"rows", listing.json(input, host)}});
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

// Lines of at most `width` characters, each after `indent`.
std::string wrapped(std::string_view words, std::string_view indent, std::size_t width) {
  std::string text;
  while (!words.empty()) {
    std::size_t end = words.size();
    if (end + indent.size() > width) end = words.rfind(' ', width - indent.size());
    if (end == std::string_view::npos || end == 0) end = words.size();
    text += fmt::format("{}{}\n", indent, words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return text;
}

// `show ss --explain` and `show FILE ss --explain`: what the columns mean.
int explain(const ShowOptions& options) {
  std::vector<std::string> words{options.view.empty() ? options.file : options.view};
  words.insert(words.end(), options.options.begin(), options.options.end());
  const auto listing = parse_listing(words);
  if (!listing) return refuse(listing.error());
  const auto meanings = replay::column_meanings(listing->columns);
  if (options.json) {
    Json json{{"view", listing->name}, {"columns", Json::array()}};
    for (const replay::ColumnMeaning& column : meanings)
      json["columns"].push_back({{"column", column.column}, {"meaning", column.meaning}});
    print(json.dump(2) + "\n");
    return exit_ok;
  }
  std::string text;
  for (const replay::ColumnMeaning& column : meanings)
    text += fmt::format("{}\n{}", column.column, wrapped(column.meaning, "    ", 100));
  print(text);
  return exit_ok;
}

// Things a reader should know about what is printed.
void print_notes(const Listing& listing, const LoadedFile& file, const SystemServices& services, Time at, Time end) {
  if (at > end)
    fmt::print(stderr, "note: nothing is recorded after {}; this is how it was then\n", trace::time_text(end));
  if (file.kind == FileKind::saved_trace && file.trace().level() < listing.level)
    fmt::print(stderr, "note: this trace was saved without {} (`run --level {}`)\n",
               listing.level == trace::Level::stages ? "queues" : "timers",
               listing.level == trace::Level::stages ? "stages" : "expressions");
  if (listing.names_ports && !services.from_file)
    fmt::print(stderr, "note: there is no /etc/services (package netbase); the most common names are built in\n");
}

}  // namespace

int show(const ShowOptions& options) {
  if (options.explain) return explain(options);
  if (options.view.empty()) return refuse({{}, "a FILE and a VIEW are needed", "such as `show FILE ss -tanp`", ""});
  std::vector<std::string> words{options.view};
  words.insert(words.end(), options.options.begin(), options.options.end());
  const auto listing = parse_listing(words);
  if (!listing) return refuse(listing.error());
  LoadOptions load;
  if (!options.at.empty()) {
    const auto at = parse_instant(options.at, "--at");
    if (!at) return refuse(at.error());
    load.until = *at;
  }
  load.level = listing->level;
  const auto file = load_file(options.file, load);
  if (!file) {
    print_errors(file.error());
    return exit_bad_input;
  }
  print_warnings(file->warnings);
  const trace::Trace& trace = file->trace();
  const auto hosts = hosts_of(trace.tables(), options.host);
  if (!hosts) return refuse(hosts.error());

  replay::Cursor cursor(trace, 0);
  const Time at = load.until.value_or(cursor.end_time());
  cursor.seek(at);
  const SystemServices services = load_services();
  const ViewInput input{trace.tables(), cursor.state(), at, services.table};
  print(options.json ? json_of(*listing, input, *hosts) : text_of(*listing, input, *hosts));
  print_notes(*listing, *file, services, at, cursor.end_time());
  return exit_ok;
}

}  // namespace fourtuple::app
