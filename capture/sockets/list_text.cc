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
  ListLine line, first;
  ListLines lines(text, name);
  if (!ListLines(lines).next(first)) return fail({name, 0, 0}, "the file is empty", std::string(wanted));
  if (text.find('\0') != std::string_view::npos) return fail({name, 0, 0}, "this is no text", std::string(wanted));
  // Warnings of the tools may stand before the list.
  ListLines list_lines = lines;
  bool found = false;
  while (!found && lines.next(line)) {
    found = looks_like_ss(line) || looks_like_lsof(line);
    if (!found) list_lines = lines;
  }
  if (!found)
    return looks_like_netstat(first) ? first.fail_at(0, "this is a listing of netstat", std::string(wanted))
                                     : first.fail_at(0, "this is no list of sockets", std::string(wanted));
  auto list = looks_like_lsof(line) ? parse_lsof(list_lines) : parse_ss(list_lines);
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
  // One byte more than may be: devices have no size to ask for.
  constexpr std::size_t step = 1u << 20;
  std::string text;
  while (in && text.size() <= max_list_bytes) {
    const std::size_t before = text.size();
    text.resize(std::min(before + step, max_list_bytes + 1));
    in.read(text.data() + before, static_cast<std::streamsize>(text.size() - before));
    text.resize(before + static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) return fail({path, 0, 0}, "cannot be read");
  if (text.size() > max_list_bytes)
    return fail({path, 0, 0}, "the file is too long for a list of sockets",
                fmt::format("{} bytes at most", max_list_bytes));
  return parse_socket_list(text, path);
}

}  // namespace fourtuple::capture
