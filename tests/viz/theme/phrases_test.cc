#include <gtest/gtest.h>
#include <set>
#include <string>
#include <string_view>

#include "viz/theme/japanese.h"
#include "viz/theme/phrases/phrase.h"
#include "viz/theme/phrases/phrasebook.h"

namespace fourtuple::viz {
namespace {

std::string said(std::string_view english) {
  Phrasebook book;
  return std::string(book.in_japanese(english));
}

// What stands at a place in this test: {s} is known, the others are not.
std::string_view sample(char kind) {
  switch (kind) {
    case 'n':
      return "7";
    case 'w':
      return "zeta";
    case 's':
      return "ack";
    default:
      return "Zeta eta";
  }
}

struct Example {
  std::string english, japanese;
};

Example example_of(const Phrase& phrase) {
  Example example;
  std::string kinds;
  for (std::size_t i = 0; i < phrase.english.size(); ++i) {
    if (phrase.english[i] != '{') {
      example.english += phrase.english[i];
      continue;
    }
    kinds += phrase.english[i + 1] == '}' ? 'a' : phrase.english[i + 1];
    example.english += sample(kinds.back());
    i = phrase.english.find('}', i);
  }
  for (std::size_t i = 0; i < phrase.japanese.size(); ++i) {
    if (phrase.japanese[i] != '{') {
      example.japanese += phrase.japanese[i];
      continue;
    }
    example.japanese += sample(kinds[static_cast<std::size_t>(phrase.japanese[i + 1] - '0')]);
    i += 2;
  }
  return example;
}

TEST(Phrases, are_each_recognized_and_none_hides_another) {
  for (const std::span<const Phrase> phrases : all_phrases())
    for (const Phrase& phrase : phrases) {
      const Example example = example_of(phrase);
      EXPECT_EQ(said(example.english), example.japanese) << phrase.english;
    }
}

TEST(Phrases, stand_once) {
  std::set<std::string_view> seen;
  for (const std::span<const Phrase> phrases : all_phrases())
    for (const Phrase& phrase : phrases) {
      EXPECT_TRUE(seen.insert(phrase.english).second) << phrase.english;
      EXPECT_EQ(in_japanese(phrase.english).data(), phrase.english.data()) << "a label too: " << phrase.english;
    }
}

TEST(Phrasebook, puts_what_stands_at_a_place_into_japanese_and_keeps_names_and_numbers) {
  EXPECT_EQ(said("refused: nothing listens on 3000 (RST)"), "拒否: 3000 の待ち受けがない (RST)");
  EXPECT_EQ(said("Lost on wan"), "wan で消失");
  EXPECT_EQ(said("server eth0: sent on wan"), "server eth0: wan へ送信");
  EXPECT_EQ(said("none on this port; 2 more in other buckets"), "このポートにはなし。ほかのバケットに 2");
  EXPECT_EQ(said("curl (pid 1204): connect(3, 203.0.113.80:3000) = -1 ECONNREFUSED"),
            "curl (pid 1204): connect(3, 203.0.113.80:3000) = -1 ECONNREFUSED");
  EXPECT_EQ(said("Which socket of server takes this SYN to port 80?"),
            "server のどのソケットが、ポート 80 宛ての SYN を受け取りますか。");
}

TEST(Phrasebook, leaves_what_it_does_not_know_as_it_is) {
  for (const std::string_view text : {"", "192.168.1.10:50432", "Anna opens a shop, and Ben looks on",
                                      "firewall, inet filter", "tcp dport 80 accept", "SYN, ACK"})
    EXPECT_EQ(said(text), text);
  EXPECT_EQ(said(std::string(700, 'a')), std::string(700, 'a'));
}

TEST(Phrasebook, takes_lines_and_lists_apart_and_keeps_blanks_around) {
  EXPECT_EQ(said("no rules\nunknown words here"), "規則なし\nunknown words here");
  EXPECT_EQ(said("source 10.0.0.2:80 → 1.2.3.4:80, destination 1.2.3.4:1 → 10.0.0.2:1"),
            "送信元 10.0.0.2:80 → 1.2.3.4:80、宛先 1.2.3.4:1 → 10.0.0.2:1");
  EXPECT_EQ(said("from "), "送信元 ");
  EXPECT_EQ(said("anna sent a segment of 17 bytes"), "anna が 17 バイトのセグメントを送った");
}

TEST(Phrasebook, forgets_only_when_it_knows_much) {
  Phrasebook book;
  const std::string_view first = book.in_japanese("Lost on wan");
  book.forget();
  EXPECT_EQ(book.in_japanese("Lost on wan").data(), first.data());
  for (int i = 0; i < 5000; ++i) (void)book.in_japanese("Lost on wan" + std::to_string(i));
  book.forget();
  EXPECT_EQ(book.in_japanese("Lost on wan"), "wan で消失");
}

}  // namespace
}  // namespace fourtuple::viz
