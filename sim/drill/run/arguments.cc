#include "sim/drill/run/arguments.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/base/nearest.h"
#include "sim/drill/run/symbols.h"

namespace fourtuple::drill {
namespace {

constexpr std::size_t none = 99;

const Expression::Field* field_of(const Expression& structure, std::string_view name) {
  for (const Expression::Field& field : structure.fields)
    if (field.name == name) return &field;
  return nullptr;
}

// Calls of the language that no kernel here is asked for.
constexpr std::string_view other_calls[] = {
    "readv",        "recvmsg",       "writev",    "sendmsg",    "cap_set", "open",   "sendfile",
    "epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait", "pipe",    "splice",
};

}  // namespace

// Where a call has what; `none`: nowhere.
struct Arguments::Shape {
  std::string_view name;
  CallKind kind;
  std::size_t count;          // of arguments
  std::size_t first = none;   // KernelCall::first
  std::size_t length = none;  // KernelCall::length
  std::size_t address = none;
};

namespace {

constexpr std::size_t most_arguments = 6;

}  // namespace

tl::unexpected<Error> Arguments::wrong(Place where, std::string message, std::string expectation,
                                       std::string suggestion) const {
  return fail({file_, where.line, where.column}, std::move(message), std::move(expectation), std::move(suggestion));
}

Outcome<std::int64_t> Arguments::number(const Expression& expression) const {
  switch (expression.kind) {
    case Expression::Kind::integer:
      return expression.number;
    case Expression::Kind::word: {
      const auto value = symbol(expression.text);
      if (value) return *value;
      return wrong(expression.where, fmt::format("the symbol {} is not known", expression.text),
                   "a constant of Linux's system calls, or a number", nearest_symbol(expression.text));
    }
    case Expression::Kind::either: {
      std::int64_t all = 0;
      for (const Expression& one : expression.items) {
        auto value = number(one);
        if (!value) return value;
        all |= *value;
      }
      return all;
    }
    case Expression::Kind::list:
      if (expression.items.size() == 1) return number(expression.items[0]);
      break;
    case Expression::Kind::call:
      if ((expression.text == "htons" || expression.text == "htonl") && expression.items.size() == 1)
        return number(expression.items[0]);
      break;
    default:
      break;
  }
  return wrong(expression.where, "this is no number", "a number or a symbol");
}

Outcome<std::int64_t> Arguments::number(std::size_t index) const {
  return number(spec_.arguments[index]);
}

// [1], {onoff=1, linger=0}, or a number as it stands.
Outcome<void> Arguments::option_value(KernelCall& call) const {
  const Expression& value = spec_.arguments[3];
  if (value.kind == Expression::Kind::structure) {
    for (const std::string_view name : {"onoff", "linger"}) {
      const Expression::Field* field = field_of(value, name);
      if (field == nullptr) continue;
      const auto read = number(field->value[0]);
      if (!read) return tl::unexpected<Error>(read.error());
      if (name == "onoff")
        call.third = static_cast<std::int32_t>(*read);
      else
        call.port = static_cast<std::uint16_t>(*read);
    }
    return {};
  }
  if (value.kind == Expression::Kind::string || value.kind == Expression::Kind::ellipsis) return {};
  const auto read = number(value);
  if (!read) return tl::unexpected<Error>(read.error());
  call.third = static_cast<std::int32_t>(*read);
  return {};
}

// [{fd=3, events=POLLIN, revents=POLLIN}]
Outcome<void> Arguments::polled(KernelCall& call) const {
  const Expression& list = spec_.arguments[0];
  if (list.kind != Expression::Kind::list) return wrong(list.where, "this is no list", "[{fd=…, events=…, revents=…}]");
  for (const Expression& item : list.items) {
    Polled one;
    for (const auto& [name, target] :
         {std::pair<std::string_view, std::int32_t*>{"fd", &one.fd}, {"events", &one.wanted}, {"revents", &one.got}}) {
      const Expression::Field* field = field_of(item, name);
      if (field == nullptr) continue;
      const auto read = number(field->value[0]);
      if (!read) return tl::unexpected<Error>(read.error());
      *target = static_cast<std::int32_t>(*read);
    }
    call.polled.push_back(one);
  }
  return {};
}

// `...` is the usual one; a structure may name another port, and the wildcard.
Outcome<void> Arguments::address(std::size_t index, Read& out) const {
  const Expression& value = spec_.arguments[index];
  out.call.port = out.call.kind == CallKind::bind ? setup_.bind_port : setup_.connect_port;
  if (value.kind != Expression::Kind::structure) return {};
  for (const Expression::Field& field : value.fields) {
    const Expression& given = field.value[0];
    if (field.name == "sin_port" || field.name == "sin6_port") {
      const auto port = number(given);
      if (!port) return tl::unexpected<Error>(port.error());
      out.call.port = static_cast<std::uint16_t>(*port);
    }
    const bool names_address =
        given.kind == Expression::Kind::call && given.text == "inet_addr" && !given.items.empty();
    if (!names_address) continue;
    const auto parsed = IpAddress::parse(given.items[0].text);
    if (!parsed) return wrong(given.where, parsed.error().message, "an IPv4 address in quotes");
    const IpAddress& usual = out.call.kind == CallKind::bind ? setup_.local : setup_.remote;
    out.call.any_address = parsed->is_wildcard();
    if (!out.call.any_address && *parsed != usual) out.why_not = "another address than the usual one is not simulated";
  }
  return {};
}

Outcome<void> Arguments::fill(const Shape& shape, Read& out) const {
  KernelCall& call = out.call;
  const auto take = [&](std::size_t index, auto& target) -> Outcome<void> {
    if (index >= spec_.arguments.size()) return {};
    const auto value = number(index);
    if (!value) return tl::unexpected<Error>(value.error());
    target = static_cast<std::remove_reference_t<decltype(target)>>(*value);
    return {};
  };
  switch (shape.kind) {
    case CallKind::socket: {
      call.first = setup_.ip_version == Setup::IpVersion::v4 ? Linux::af_inet : Linux::af_inet6;
      if (spec_.arguments[0].kind != Expression::Kind::ellipsis)
        if (auto done = take(0, call.first); !done) return done;
      if (auto done = take(1, call.second); !done) return done;
      return take(2, call.third);
    }
    case CallKind::poll:
      if (auto done = polled(call); !done) return done;
      return take(2, call.first);
    case CallKind::set_option:
    case CallKind::get_option:
      for (const std::size_t index : {0u, 1u, 2u})
        if (auto done = take(index, index == 0 ? call.fd : index == 1 ? call.first : call.second); !done) return done;
      return shape.kind == CallKind::set_option ? option_value(call) : Outcome<void>{};
    default:
      break;
  }
  if (auto done = take(0, call.fd); !done) return done;
  if (auto done = take(shape.first, call.first); !done) return done;
  if (auto done = take(shape.length, call.length); !done) return done;
  if (shape.address != none && shape.address < spec_.arguments.size()) return address(shape.address, out);
  return {};
}

Outcome<Arguments::Read> Arguments::read() const {
  constexpr Shape shapes[] = {
      {"socket", CallKind::socket, 3},
      {"bind", CallKind::bind, 3, none, none, 1},
      {"listen", CallKind::listen, 2, 1},
      {"accept", CallKind::accept, 3},
      {"connect", CallKind::connect, 3, none, none, 1},
      {"read", CallKind::read, 3, none, 2},
      {"recv", CallKind::read, 4, 3, 2},
      {"recvfrom", CallKind::read, 6, 3, 2},
      {"write", CallKind::write, 3, none, 2},
      {"send", CallKind::write, 4, 3, 2},
      {"sendto", CallKind::send_to, 6, 3, 2, 4},
      {"close", CallKind::close, 1},
      {"shutdown", CallKind::shutdown, 2, 1},
      {"setsockopt", CallKind::set_option, 5},
      {"getsockopt", CallKind::get_option, 5},
      {"poll", CallKind::poll, 3},
  };
  Read out;
  const std::string& name = spec_.name;
  if (name == "fcntl" || name == "ioctl") {
    if (spec_.arguments.size() < 2) return wrong(spec_.where, name + "() has too few arguments", "2 or 3");
    const auto fd = number(0), what = number(1);
    if (!fd || !what) return tl::unexpected<Error>((fd ? what : fd).error());
    out.call.fd = static_cast<std::int32_t>(*fd);
    if (name == "ioctl" && *what != Linux::siocinq && *what != Linux::siocoutq)
      out.why_not = "only SIOCINQ and SIOCOUTQ are simulated";
    if (name == "fcntl" && *what != Linux::f_getfl && *what != Linux::f_setfl)
      out.why_not = "only F_GETFL and F_SETFL are simulated";
    if (name == "ioctl") out.call.kind = *what == Linux::siocinq ? CallKind::unread : CallKind::unsent;
    if (name == "fcntl") out.call.kind = *what == Linux::f_getfl ? CallKind::get_flags : CallKind::set_flags;
    if (out.call.kind != CallKind::set_flags || spec_.arguments.size() < 3) return out;
    const auto flags = number(2);
    if (!flags) return tl::unexpected<Error>(flags.error());
    out.call.first = static_cast<std::int32_t>(*flags);
    return out;
  }
  for (const Shape& shape : shapes) {
    if (shape.name != name) continue;
    if (spec_.arguments.size() != shape.count)
      return wrong(spec_.where, fmt::format("{}() has {} arguments", name, spec_.arguments.size()),
                   std::to_string(shape.count));
    out.call.kind = shape.kind;
    if (auto done = fill(shape, out); !done) return tl::unexpected<Error>(done.error());
    // sendto() of a connected socket is send().
    if (shape.kind == CallKind::send_to && setup_.connect_port == out.call.port &&
        spec_.arguments[4].kind == Expression::Kind::integer)
      out.call.kind = CallKind::write;
    return out;
  }
  if (std::find(std::begin(other_calls), std::end(other_calls), name) != std::end(other_calls)) {
    out.why_not = "this call is not simulated";
    return out;
  }
  std::vector<std::string_view> names(std::begin(other_calls), std::end(other_calls));
  for (const Shape& shape : shapes) names.push_back(shape.name);
  return wrong(spec_.where, fmt::format("there is no call {}()", name), "a system call of the language",
               nearest(name, names));
}

std::optional<std::pair<std::string, std::string>> Arguments::differing_output(const CallOutcome& outcome) const {
  const auto compare = [&](const Expression& wanted, std::int64_t actual,
                           std::string_view what) -> std::optional<std::pair<std::string, std::string>> {
    if (wanted.kind == Expression::Kind::ellipsis) return std::nullopt;
    const auto value = number(wanted);
    if (!value || *value == actual) return std::nullopt;
    return std::pair{fmt::format("{} is {}", what, actual), std::to_string(*value)};
  };
  const std::size_t count = std::min(spec_.arguments.size(), most_arguments);
  if (spec_.name == "getsockopt" && count == 5) return compare(spec_.arguments[3], outcome.out, "the option");
  if (spec_.name == "ioctl" && count == 3) return compare(spec_.arguments[2], outcome.out, "the number of bytes");
  if (spec_.name != "poll" || count != 3) return std::nullopt;
  for (std::size_t i = 0; i < outcome.polled.size() && i < spec_.arguments[0].items.size(); ++i) {
    const Expression::Field* wanted = field_of(spec_.arguments[0].items[i], "revents");
    if (wanted == nullptr) continue;
    if (auto why = compare(wanted->value[0], outcome.polled[i].got, fmt::format("revents of item {}", i))) return why;
  }
  return std::nullopt;
}

}  // namespace fourtuple::drill
