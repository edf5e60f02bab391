// Names in single messages: DNS, TLS, HTTP, QUIC, and how hostile ones are shown.
#include <gmock/gmock.h>

#include "capture/names/dns.h"
#include "capture/names/name_text.h"
#include "capture/names/quic.h"
#include "capture/names/requests.h"
#include "tests/capture/names/messages.h"

namespace fourtuple::capture {
namespace {

using test::address;
using test::client_hello;
using test::DnsMessage;
using test::extension;
using test::Message;
using test::server_name;
using test::tls_records;
using test::to_question;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> answers(const Message& message) {
  std::vector<std::string> texts;
  for (const DnsAnswer& answer : read_dns_answers(message))
    texts.push_back(answer.address.to_string() + (answer.pointer ? " is called " : " is ") + answer.name);
  return texts;
}

TEST(NameText, shows_what_cannot_be_printed_by_its_bytes) {
  EXPECT_EQ(escaped("www.example.com"), "www.example.com");
  EXPECT_EQ(escaped("bücher.例"), "bücher.例");
  EXPECT_EQ(escaped(std::string_view("a\0b\x1b[31m\x7f", 9)), "a\\000b\\027[31m\\127");
  EXPECT_EQ(escaped("\xff\xc3"), "\\255\\195");
  EXPECT_EQ(escaped("\xc0\xaf\xed\xa0\x80"), "\\192\\175\\237\\160\\128") << "overlong, surrogate";
  EXPECT_EQ(escaped("moc\xe2\x80\xae.evil"), "moc\\226\\128\\174.evil") << "right-to-left override";
  EXPECT_EQ(escaped("a\\b c"), "a\\092b\\032c");
}

TEST(NameText, cuts_long_names_between_characters) {
  const std::string text = escaped(std::string(300, 'x'));
  EXPECT_EQ(text, std::string(252, 'x') + "…");
  EXPECT_LE(escaped(std::string(1000, '\1')).size(), max_name_text);
  std::string wide;
  for (int i = 0; i < 100; ++i) wide += "例";
  EXPECT_EQ(escaped(wide).size() % 3, 0U);
}

TEST(Dns, names_the_beginning_of_an_alias_chain) {
  DnsMessage message;
  message.question("WWW.Example.com");
  // The order of the records does not matter.
  message.answer(DnsMessage::name("edge.cdn.net"), 1, address);
  message.answer(to_question, 5, DnsMessage::name("www.cdn.net"));
  message.answer(DnsMessage::name("www.cdn.net"), 5, DnsMessage::name("edge.cdn.net"));
  message.answer(DnsMessage::name("edge.cdn.net"), 28, {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
  EXPECT_THAT(answers(message.bytes), ElementsAre("192.0.2.80 is www.example.com", "2001:db8::1 is www.example.com"));
}

TEST(Dns, reads_multicast_answers_and_pointers) {
  DnsMessage message(0x8400);
  message.answer(DnsMessage::name("Drucker.local"), 1, address, 0x8001);
  message.answer(DnsMessage::name("80.2.0.192.in-addr.arpa"), 12, DnsMessage::name("printer.example"));
  message.answer(DnsMessage::name("_http._tcp.local"), 12, DnsMessage::name("page._http._tcp.local"));
  EXPECT_THAT(answers(message.bytes),
              ElementsAre("192.0.2.80 is called printer.example", "192.0.2.80 is drucker.local"));
  DnsMessage six;
  std::string nibbles = "1.";
  for (int i = 0; i < 23; ++i) nibbles += "0.";
  six.answer(DnsMessage::name(nibbles + "8.B.d.0.1.0.0.2.ip6.arpa"), 12, DnsMessage::name("six.example"));
  EXPECT_THAT(answers(six.bytes), ElementsAre("2001:db8::1 is called six.example"));
}

TEST(Dns, takes_nothing_from_questions_errors_and_shared_addresses) {
  for (const std::uint16_t flags : {0x0100, 0x8183, 0xa800}) {
    DnsMessage message(flags);
    message.question("a.example").answer(to_question, 1, address);
    EXPECT_THAT(answers(message.bytes), IsEmpty()) << flags;
  }
  DnsMessage blocked;
  blocked.question("ads.example").answer(to_question, 1, {0, 0, 0, 0}).answer(to_question, 1, {127, 0, 0, 1});
  blocked.answer(to_question, 1, {224, 0, 0, 251}).answer(to_question, 1, {1, 2, 3}).answer(to_question, 1, address, 3);
  EXPECT_THAT(answers(blocked.bytes), IsEmpty());
}

TEST(Dns, ends_on_names_that_point_at_themselves_or_ahead) {
  for (const Message& owner : {Message{0xc0, 12}, Message{0xc0, 14}, Message{1, 'a', 0xc0, 12}, Message{0xc0, 200},
                               Message{0x80, 1}, Message{63, 'x'}}) {
    DnsMessage message;
    message.answer(owner, 1, address);
    EXPECT_THAT(answers(message.bytes), IsEmpty());
  }
  DnsMessage circle;
  circle.answer(DnsMessage::name("a"), 5, DnsMessage::name("b"))
      .answer(DnsMessage::name("b"), 5, DnsMessage::name("a"));
  circle.answer(DnsMessage::name("a"), 1, address);
  EXPECT_EQ(answers(circle.bytes).size(), 1U) << "an alias of itself";
}

TEST(Dns, keeps_what_precedes_the_cut_and_reads_nothing_behind_the_end) {
  DnsMessage message;
  message.question("a.example").answer(to_question, 1, address).answer(to_question, 1, {192, 0, 2, 81});
  for (std::size_t size = 0; size < message.bytes.size(); ++size) {
    const Message cut(message.bytes.begin(), message.bytes.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(answers(cut).size(), size + 16 >= message.bytes.size() ? 1U : 0U) << size;
  }
}

TEST(Dns, escapes_bytes_and_dots_inside_labels) {
  DnsMessage message;
  message.answer({3, 'a', '.', 0x07, 2, 0xff, 'b', 0}, 1, address);
  EXPECT_THAT(answers(message.bytes), ElementsAre("192.0.2.80 is a\\046\\007.\\255b"));
}

std::string found(const AskedName& asked) {
  return asked.search == NameSearch::found ? asked.name : asked.search == NameSearch::unknown ? "unknown" : "absent";
}

TEST(ServerName, is_found_behind_any_extensions) {
  const Message grease = extension(0x0a0a, {}), last = extension(0x1a1a, {0}), padding = extension(21, Message(300));
  for (const std::vector<Message>& order : {std::vector<Message>{server_name("www.example.com"), grease},
                                            {grease, padding, server_name("www.example.com"), last},
                                            {grease, last, padding, server_name("www.example.com")}})
    EXPECT_EQ(found(read_server_name(tls_records(client_hello(order)))), "www.example.com");
  EXPECT_EQ(found(read_server_name(tls_records(client_hello({grease, last})))), "absent");
  EXPECT_EQ(found(read_server_name(tls_records(client_hello({})))), "absent");
}

TEST(ServerName, is_found_in_a_hello_cut_into_records) {
  const Message hello = client_hello({extension(21, Message(200)), server_name("split.example")});
  for (const std::size_t most : {1U, 2U, 3U, 64U, 250U}) {
    EXPECT_EQ(found(read_server_name(tls_records(hello, most))), "split.example") << most;
  }
}

TEST(ServerName, waits_for_as_much_of_the_hello_as_it_needs) {
  const Message stream = tls_records(client_hello({server_name("www.example.com"), extension(21, Message(300))}));
  std::size_t needed = 0;
  for (std::size_t size = 0; size <= stream.size(); ++size) {
    const std::string got = found(read_server_name(Bytes(stream).first(size)));
    if (got == "www.example.com" && needed == 0) needed = size;
    EXPECT_EQ(got, needed == 0 ? "unknown" : "www.example.com") << size;
  }
  EXPECT_LT(needed, stream.size() - 300);
}

TEST(ServerName, is_absent_where_lengths_contradict_each_other) {
  Message server_hello = client_hello({server_name("x.example")});
  server_hello[0] = 2;
  EXPECT_EQ(found(read_server_name(tls_records(server_hello))), "absent");
  Message long_name = server_name("x.example");
  long_name[7] = 0xff;  // the high byte of the name's length
  EXPECT_EQ(found(read_server_name(tls_records(client_hello({long_name})))), "absent");
  Message long_session = client_hello({server_name("x.example")});
  long_session[38] = 0xff;
  EXPECT_EQ(found(read_server_name(tls_records(long_session))), "absent");
  const Message ssh{'S', 'S', 'H'}, ssl2{0x80, 0x2e, 1, 3}, no_record{22, 3, 1, 0, 0};
  for (const Message& other : {ssh, ssl2, no_record}) EXPECT_EQ(found(read_server_name(other)), "absent");
}

std::string host(std::string_view request) {
  return found(read_http_host({reinterpret_cast<const std::uint8_t*>(request.data()), request.size()}));
}

TEST(HttpHost, is_the_first_field_of_that_name) {
  EXPECT_EQ(host("GET / HTTP/1.1\r\nAccept: */*\r\nhOsT:  web.example:8080 \r\nHost: other\r\n\r\n"),
            "web.example:8080");
  EXPECT_EQ(host("POST /x HTTP/1.0\nHost: web.example\n"), "web.example");
  EXPECT_EQ(host("GET / HTTP/1.1\r\nHost: a\x1b]0;b\r\n"), "a\\027]0;b");
}

TEST(HttpHost, is_absent_in_anything_else) {
  for (const std::string_view text :
       {"GET / HTTP/1.1\r\nAccept: x\r\n\r\nHost: body\r\n\r\n", "GET / HTTP/1.1\r\nHost:\r\n", "HTTP/1.1 200 OK\r\n",
        "GET / HTTP/2\r\n", "SSH-2.0-x\r\n", "PRI * HTTP/2.0\r\n"})
    EXPECT_EQ(host(text), "absent") << text;
  for (const std::string_view text : {"", "G", "GET /long", "GET / HTTP/1.1\r\nHost: web"}) {
    EXPECT_EQ(host(text), "unknown") << text;
  }
}

TEST(Quic, tells_version_and_connection_ids) {
  // The client's Initial of RFC 9001 appendix A.2.
  const Message initial{0xc0, 0, 0, 0, 1, 8, 0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08, 0, 0, 0x44, 0x9e};
  const auto header = read_quic(initial);
  ASSERT_TRUE(header);
  EXPECT_EQ(quic_words(header->version), "QUIC v1");
  EXPECT_EQ(header->destination, "8394c8f03e515708");
  EXPECT_EQ(header->source, "");
  EXPECT_EQ(quic_words(0xff00001d), "QUIC draft-29");
  EXPECT_EQ(quic_words(0x51303436), "gQUIC Q046");
  EXPECT_EQ(quic_words(0x6b3343cf), "QUIC v2");
}

TEST(Quic, is_not_seen_in_other_datagrams) {
  const Message short_header{0x40, 0, 0, 0, 1, 0, 0}, unknown_version{0xc0, 1, 2, 3, 4, 0, 0},
      long_id{0xc0, 0, 0, 0, 1, 21}, cut{0xc0, 0, 0, 0, 1, 8, 1}, dtls{22, 0xfe, 0xfd, 0, 0, 0, 0};
  for (const Message& other : {short_header, unknown_version, long_id, cut, dtls, Message{}})
    EXPECT_FALSE(read_quic(other));
}

}  // namespace
}  // namespace fourtuple::capture
