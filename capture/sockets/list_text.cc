#include "capture/sockets/list_text.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>

#include "capture/sockets/list_words.h"

namespace fourtuple::capture {
namespace {

constexpr std::string_view wanted = "what `ss -tanp`, `ss -tulnp` or `lsof -i -nP` prints";

bool looks_like_netstat(const ListLine& line) {
  return line.words.size() > 2 && (line.words[0].text == "Proto" || line.words[0].text == "Active");
}

}  // namespace

Outcome<SocketList> parse_socket_list(std::string_view text, const std::string& name) {
  std::vector<ListLine> lines = lines_of(text, name);
  if (lines.empty()) return fail({name, 0, 0}, "the file is empty", std::string(wanted));
  if (text.find('\0') != std::string_view::npos) return fail({name, 0, 0}, "this is no text", std::string(wanted));
  // Warnings of the tools may stand before the list.
  const auto is_list = [](const ListLine& line) { return looks_like_ss(line) || looks_like_lsof(line); };
  const auto first = std::find_if(lines.begin(), lines.end(), is_list);
  if (first == lines.end())
    return looks_like_netstat(lines[0]) ? lines[0].fail_at(0, "this is a listing of netstat", std::string(wanted))
                                        : lines[0].fail_at(0, "this is no list of sockets", std::string(wanted));
  lines.erase(lines.begin(), first);
  auto list = looks_like_lsof(lines[0]) ? parse_lsof(lines) : parse_ss(lines);
  if (!list) return list;
  list->source = name;
  for (ListedSocket& socket : list->sockets) sort_holders(socket.holders);
  return list;
}

Outcome<SocketList> read_socket_list(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return fail({path, 0, 0}, "this is a folder", std::string(wanted));
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail({path, 0, 0}, fmt::format("cannot be opened: {}", std::strerror(errno)));
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (in.bad()) return fail({path, 0, 0}, "cannot be read");
  if (text.size() > max_list_bytes)
    return fail({path, 0, 0}, fmt::format("the file has {} bytes", text.size()),
                fmt::format("{} at most", max_list_bytes));
  return parse_socket_list(text, path);
}

}  // namespace fourtuple::capture
