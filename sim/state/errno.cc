#include "sim/state/errno.h"

namespace fourtuple::state {
namespace {

struct Entry {
  Errno error;
  std::string_view name;
  std::string_view description;
};

constexpr Entry entries[] = {
    {Errno::ok, "OK", "Success"},
    {Errno::eperm, "EPERM", "Operation not permitted"},
    {Errno::enoent, "ENOENT", "No such file or directory"},
    {Errno::eagain, "EAGAIN", "Resource temporarily unavailable"},
    {Errno::ebadf, "EBADF", "Bad file descriptor"},
    {Errno::eacces, "EACCES", "Permission denied"},
    {Errno::enodev, "ENODEV", "No such device"},
    {Errno::einval, "EINVAL", "Invalid argument"},
    {Errno::emfile, "EMFILE", "Too many open files"},
    {Errno::espipe, "ESPIPE", "Illegal seek"},
    {Errno::epipe, "EPIPE", "Broken pipe"},
    {Errno::enotsock, "ENOTSOCK", "Socket operation on non-socket"},
    {Errno::edestaddrreq, "EDESTADDRREQ", "Destination address required"},
    {Errno::emsgsize, "EMSGSIZE", "Message too long"},
    {Errno::eopnotsupp, "EOPNOTSUPP", "Operation not supported"},
    {Errno::eafnosupport, "EAFNOSUPPORT", "Address family not supported by protocol"},
    {Errno::eaddrinuse, "EADDRINUSE", "Address already in use"},
    {Errno::eaddrnotavail, "EADDRNOTAVAIL", "Cannot assign requested address"},
    {Errno::enetunreach, "ENETUNREACH", "Network is unreachable"},
    {Errno::econnreset, "ECONNRESET", "Connection reset by peer"},
    {Errno::enobufs, "ENOBUFS", "No buffer space available"},
    {Errno::eisconn, "EISCONN", "Transport endpoint is already connected"},
    {Errno::enotconn, "ENOTCONN", "Transport endpoint is not connected"},
    {Errno::etimedout, "ETIMEDOUT", "Connection timed out"},
    {Errno::econnrefused, "ECONNREFUSED", "Connection refused"},
    {Errno::ehostunreach, "EHOSTUNREACH", "No route to host"},
    {Errno::ealready, "EALREADY", "Operation already in progress"},
    {Errno::einprogress, "EINPROGRESS", "Operation now in progress"},
};

bool same_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if ((a[i] | 0x20) != (b[i] | 0x20)) return false;
  return true;
}

}  // namespace

std::string_view name_of(Errno error) {
  for (const Entry& entry : entries)
    if (entry.error == error) return entry.name;
  return "E?";
}

std::string_view description_of(Errno error) {
  for (const Entry& entry : entries)
    if (entry.error == error) return entry.description;
  return "Unknown error";
}

bool errno_from_name(std::string_view name, Errno& error) {
  for (const Entry& entry : entries) {
    if (!same_ignoring_case(entry.name, name)) continue;
    error = entry.error;
    return true;
  }
  return false;
}

}  // namespace fourtuple::state
