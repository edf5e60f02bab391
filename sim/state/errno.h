// The error numbers a system call of a simulated host can return, numbered as Linux does on x86-64 and arm64.
#pragma once

#include <cstdint>
#include <string_view>

namespace fourtuple::state {

enum class Errno : std::uint8_t {
  ok = 0,
  eperm = 1,
  enoent = 2,
  ebadf = 9,
  eagain = 11,
  eacces = 13,
  enodev = 19,
  einval = 22,
  emfile = 24,
  espipe = 29,
  epipe = 32,
  enotsock = 88,
  edestaddrreq = 89,
  emsgsize = 90,
  eopnotsupp = 95,
  eafnosupport = 97,
  eaddrinuse = 98,
  eaddrnotavail = 99,
  enetunreach = 101,
  econnreset = 104,
  enobufs = 105,
  eisconn = 106,
  enotconn = 107,
  etimedout = 110,
  econnrefused = 111,
  ehostunreach = 113,
  ealready = 114,
  einprogress = 115,
};

std::string_view name_of(Errno error);         // "EADDRINUSE"; "OK" for none
std::string_view description_of(Errno error);  // strerror's words: "Address already in use"
// The number called `name` ("ECONNREFUSED", any case); false when unknown.
bool errno_from_name(std::string_view name, Errno& error);

}  // namespace fourtuple::state
