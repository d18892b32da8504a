// No template can use up the stack, the memory or the patience of who renders it.
#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"

#include "engine/template/template.h"
#include "tests/engine/template/template_cases.h"

namespace imglife {
namespace {

absl::Status Render(const std::string& text) {
  return RenderTemplate("T", text, TestData()).status();
}

std::string Repeat(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

bool IsExhausted(const absl::Status& status) {
  return status.code() == absl::StatusCode::kResourceExhausted;
}

TEST(TemplateLimits, OutputEndsAt16MiB) {
  const auto make = [](int lines, int bytes) {
    return "{{$k := printf \"%1048576s\" \"\"}}" + Repeat("{{$k}}", lines) +
           std::string(static_cast<std::size_t>(bytes), 'x');
  };
  EXPECT_TRUE(Render(make(16, 0)).ok());
  EXPECT_EQ(Render(make(16, 1)).message(), "T:1:128: the template makes more than 16 MiB");
  EXPECT_TRUE(IsExhausted(Render(make(17, 0))));
}

TEST(TemplateLimits, ValuesEndAt16MiB) {
  const std::string large = "{{$x := printf \"%1000000d\" 1}}";
  EXPECT_TRUE(IsExhausted(Render(large + Repeat("{{$x = print $x $x}}", 40))));
  EXPECT_TRUE(IsExhausted(Render(large + "{{$y := replace \" \" $x $x}}")));
  EXPECT_TRUE(IsExhausted(Render(large + "{{$y := join $x (split \" \" $x)}}")));
  EXPECT_TRUE(IsExhausted(
      Render("{{$x := printf \"" + Repeat("%1000000d", 100) + "\"" + Repeat(" 1", 100) + "}}")));
  EXPECT_TRUE(IsExhausted(Render("{{$x := printf \"%9999999d\" (split \",\" \",,,\")}}")));
}

TEST(TemplateLimits, MemoryIsBounded) {
  std::string text;
  for (int i = 0; i < 2'000; ++i) text += "{{$x := printf \"%1000000d\" 1}}";
  EXPECT_TRUE(IsExhausted(Render(text)));
  EXPECT_TRUE(IsExhausted(Render(Repeat("{{$x := 1}}", 2'000))));
  EXPECT_TRUE(IsExhausted(Render("{{$x := printf \"%09999999d\" 0}}{{$y := split \"0\" $x}}")));
}

TEST(TemplateLimits, WorkIsBounded) {
  std::string loops = "{{$l := split \",\" \"" + std::string(200, ',') + "\"}}";
  loops += Repeat("{{range $l}}", 6) + "{{end}}{{end}}{{end}}{{end}}{{end}}{{end}}";
  EXPECT_TRUE(IsExhausted(Render(loops)));
  EXPECT_TRUE(IsExhausted(
      Render("{{$x := printf \"%9999999d\" 1}}" + Repeat("{{if eq $x $x}}{{end}}", 1'000))));
}

TEST(TemplateLimits, IntegersOfRangeAreBoundedAsListsAre) {
  const std::string too_long = "T:1:1: the template works too long; does it repeat itself?";
  EXPECT_EQ(Render("{{range 1000000000}}{{end}}").message(), too_long);
  EXPECT_EQ(Render("{{range $i := 9223372036854775807}}{{end}}").message(), too_long);
  EXPECT_TRUE(IsExhausted(Render("{{range 10000}}{{range 10000}}{{end}}{{end}}")));
  EXPECT_EQ(Render("{{range 1000000000}}{{printf \"%1000d\" .}}{{end}}").message(),
            "T:1:21: the template makes more than 16 MiB");
  EXPECT_TRUE(Render("{{range 100000}}{{$i := .}}{{end}}").ok());
}

TEST(TemplateLimits, TextEndsAt4MiB) {
  const std::string largest(std::size_t{4} << 20, 'x');
  EXPECT_TRUE(Render(largest).ok());
  EXPECT_EQ(Render(largest + "x").message(), "T:1:1: the template is larger than 4 MiB");
}

TEST(TemplateLimits, RecursionIsBounded) {
  EXPECT_TRUE(IsExhausted(Render("{{define \"r\"}}{{template \"r\"}}{{end}}{{template \"r\"}}")));
  EXPECT_TRUE(IsExhausted(Render("x{{template \"T\"}}")));
  const std::string inside = Repeat("{{if 1}}", 90) + "{{template \"r\"}}" + Repeat("{{end}}", 90);
  EXPECT_TRUE(IsExhausted(Render("{{define \"r\"}}" + inside + "{{end}}{{template \"r\"}}")));
}

TEST(TemplateLimits, NestingIsBounded) {
  EXPECT_TRUE(Render(Repeat("{{if 1}}", 90) + Repeat("{{end}}", 90)).ok());
  EXPECT_TRUE(Render("{{" + Repeat("(", 90) + "1" + Repeat(")", 90) + "}}").ok());
  const absl::Status blocks = Render(Repeat("{{if 1}}", 100'000));
  EXPECT_EQ(blocks.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(blocks.message(), "T:1:798: nested deeper than 100 levels");
  const std::string parentheses = Repeat("(", 100'000) + "1" + Repeat(")", 100'000);
  EXPECT_EQ(Render("{{" + parentheses + "}}").code(), absl::StatusCode::kInvalidArgument);
}

TEST(TemplateLimits, LongIsNotDeep) {
  const std::string chain = "{{if 0}}" + Repeat("{{else if 0}}", 5'000) + "{{else}}end{{end}}";
  EXPECT_EQ(RenderTemplate("T", chain, TestData()).value(), "end");
  const std::string withs = "{{with 0}}" + Repeat("{{else with 0}}", 5'000) + "{{else}}end{{end}}";
  EXPECT_EQ(RenderTemplate("T", withs, TestData()).value(), "end");
  const std::string pipeline = "{{1" + Repeat(" | print", 5'000) + "}}";
  EXPECT_EQ(RenderTemplate("T", pipeline, TestData()).value(), "1");
}

}  // namespace
}  // namespace imglife
