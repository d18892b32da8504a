#include "schema/text/escape.h"

#include <string>

#include <gtest/gtest.h>

namespace imglife {
namespace {

TEST(EscapeControl, ShowsControlAndBrokenBytes) {
  EXPECT_EQ(EscapeControl("plain \xC3\xA4 \xF0\x9F\x98\x80"), "plain \xC3\xA4 \xF0\x9F\x98\x80");
  EXPECT_EQ(EscapeControl("\x1b[31m\n\t\r"), "\\x1b[31m\\x0a\\x09\\x0d");
  EXPECT_EQ(EscapeControl(std::string_view("a\0b\x7F", 4)), "a\\x00b\\x7f");
  EXPECT_EQ(EscapeControl("\xC2\x9B"
                          "31m"),
            "\\xc2\\x9b31m");
  EXPECT_EQ(EscapeControl("\xFF\xC3"), "\\xff\\xc3");
  EXPECT_EQ(EscapeControl("\xC0\xAF\xED\xA0\x80"), "\\xc0\\xaf\\xed\\xa0\\x80");
  EXPECT_EQ(EscapeControl(""), "");
}

// "latest" could read "tsetal" after one of these, and a line end early.
TEST(EscapeControl, ShowsWhatReordersText) {
  EXPECT_EQ(EscapeControl("1\u202E2"), "1\\xe2\\x80\\xae2");
  for (const char* mark : {"\u061C", "\u200E", "\u200F", "\u2028", "\u202A", "\u2066", "\u2069"}) {
    EXPECT_EQ(EscapeControl(mark).substr(0, 2), "\\x") << mark;
  }
  for (const char* text : {"\u061B", "\u200D", "\u2027", "\u202F", "\u2065", "\u206A"}) {
    EXPECT_EQ(EscapeControl(text), text);
  }
}

TEST(EscapeMarkdown, TakesTheMeaningOfEverything) {
  EXPECT_EQ(EscapeMarkdown("a|b*c_d`e"), "a\\|b\\*c\\_d\\`e");
  EXPECT_EQ(EscapeMarkdown("[x](http://y)"), "\\[x\\]\\(http\\://y\\)");
  EXPECT_EQ(EscapeMarkdown("<b>&\\"), "&lt;b&gt;&amp;\\\\");
  EXPECT_EQ(EscapeMarkdown("@all #1 !2 ~l $x"), "\\@all \\#1 \\!2 \\~l \\$x");
  EXPECT_EQ(EscapeMarkdown("- a"), "\\- a");
  EXPECT_EQ(EscapeMarkdown("+1"), "\\+1");
  EXPECT_EQ(EscapeMarkdown("12. a"), "12\\. a");
  EXPECT_EQ(EscapeMarkdown("a\nb"), "a\\\\x0ab");
}

TEST(EscapeMarkdown, LeavesTagsReadable) {
  EXPECT_EQ(EscapeMarkdown("alpine:3.21.3-core1.0.0"), "alpine:3.21.3-core1.0.0");
}

TEST(EscapeMarkup, MakesEntities) {
  EXPECT_EQ(EscapeMarkup("<a href=\"x\">'&'</a>"),
            "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
  EXPECT_EQ(EscapeMarkup("a\x01"), "a\\x01");
}

}  // namespace
}  // namespace imglife
