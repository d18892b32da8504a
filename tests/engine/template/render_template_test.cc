// What Go 1.22's text/template makes of the same texts and data.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/template/template.h"

namespace imglife {
namespace {

TemplateValue Data() {
  const TemplateValue::Map args = {{"EMPTY", ""}, {"MIRROR", "eu-1"}, {"QUOTED", "say \"hi\""}};
  return TemplateValue(TemplateValue::Map{
      {"Name", "alpine"},
      {"Args", args},
      {"Platforms", TemplateValue::List{"linux/amd64", "linux/arm64"}},
      {"None", TemplateValue::List{}},
      {"Zero", std::int64_t{0}},
      {"Number", std::int64_t{42}},
      {"Half", 1.5},
      {"Yes", true},
      {"Nested", TemplateValue::Map{{"Deep", TemplateValue::Map{{"Leaf", "green"}}}}},
  });
}

struct Rendering {
  std::string text;
  std::string expected;
};

class RendersAsGo : public ::testing::TestWithParam<Rendering> {};

TEST_P(RendersAsGo, ByteForByte) {
  const auto rendered = RenderTemplate("T", GetParam().text, Data());
  ASSERT_TRUE(rendered.ok()) << rendered.status();
  EXPECT_EQ(*rendered, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Fields, RendersAsGo,
    ::testing::Values(Rendering{"", ""}, Rendering{"no action", "no action"},
                      Rendering{"{{.Name}}:{{.Number}}", "alpine:42"},
                      Rendering{"{{.Nested.Deep.Leaf}}", "green"},
                      Rendering{"{{(index .Nested.Deep \"Leaf\")}}", "green"},
                      Rendering{"{{(.Nested).Deep.Leaf}}", "green"},
                      Rendering{"{{$.Name}}{{with .Nested}}{{$.Name}}{{end}}", "alpinealpine"},
                      Rendering{"{{.Platforms}}", "[linux/amd64 linux/arm64]"},
                      Rendering{"{{.Args}}", "map[EMPTY: MIRROR:eu-1 QUOTED:say \"hi\"]"},
                      Rendering{"{{.Half}} {{.Yes}}", "1.5 true"}));

INSTANTIATE_TEST_SUITE_P(Trimming, RendersAsGo,
                         ::testing::Values(Rendering{"a  {{- .Zero -}}  b", "a0b"},
                                           Rendering{"a\n{{- /* comment */ -}}\nb", "ab"},
                                           Rendering{"{{/* a }} b */}}x", "x"},
                                           Rendering{"{{-3}}", "-3"},
                                           Rendering{"{{ 3 -}} \n x", "3x"},
                                           Rendering{"{{\"}}\"}}", "}}"}));

INSTANTIATE_TEST_SUITE_P(
    Control, RendersAsGo,
    ::testing::Values(
        Rendering{"{{if .Zero}}a{{else if .Name}}b{{else}}c{{end}}", "b"},
        Rendering{"{{if .None}}a{{end}}{{if .Args.EMPTY}}b{{end}}{{if .Missing}}c{{end}}", ""},
        Rendering{"{{range .Platforms}}<{{.}}>{{end}}", "<linux/amd64><linux/arm64>"},
        Rendering{"{{range $i, $p := .Platforms}}{{$i}}={{$p}} {{end}}",
                  "0=linux/amd64 1=linux/arm64 "},
        Rendering{"{{range $k, $v := .Args}}{{$k}}={{printf \"%q\" $v}};{{end}}",
                  "EMPTY=\"\";MIRROR=\"eu-1\";QUOTED=\"say \\\"hi\\\"\";"},
        Rendering{"{{range .None}}a{{else}}none{{end}}", "none"},
        Rendering{"{{range .Platforms}}{{if eq . \"linux/arm64\"}}{{continue}}{{end}}{{.}}{{end}}",
                  "linux/amd64"},
        Rendering{"{{range .Platforms}}{{.}}{{break}}{{end}}", "linux/amd64"},
        Rendering{"{{with .Nested.Deep}}{{.Leaf}}{{end}}{{with .Zero}}x{{else}}y{{end}}", "greeny"},
        Rendering{"{{with $x := .Name}}{{$x}}{{end}}", "alpine"},
        Rendering{"{{$x := 1}}{{range .Platforms}}{{$x = .}}{{end}}{{$x}}", "linux/arm64"},
        Rendering{"{{$x := 1}}{{if true}}{{$x := 2}}{{end}}{{$x}}", "1"},
        Rendering{"{{define \"t\"}}<{{.}}>{{end}}{{template \"t\" .Name}}{{template \"t\" 1}}",
                  "<alpine><1>"},
        Rendering{"{{block \"b\" .Name}}[{{.}}]{{end}}", "[alpine]"}));

INSTANTIATE_TEST_SUITE_P(
    Functions, RendersAsGo,
    ::testing::Values(
        Rendering{"{{and 1 0}} {{and 1 2}} {{or 0 \"x\"}} {{or 0 \"\"}} {{not 0}}", "0 2 x  true"},
        Rendering{"{{or .Name (index .None 5)}}", "alpine"},
        Rendering{
            "{{eq .Name \"x\" \"alpine\"}} {{ne 1 2}} {{lt 1 2}} {{le 2 2}} {{gt \"b\" \"a\"}} "
            "{{ge 1.5 2.5}}",
            "true true true true true false"},
        Rendering{"{{len .Platforms}} {{len .Name}} {{len .Args}}", "2 6 3"},
        Rendering{"{{index .Platforms 1}} {{index .Args \"MIRROR\"}} {{index .Nested \"Deep\" "
                  "\"Leaf\"}}",
                  "linux/arm64 eu-1 green"},
        Rendering{"{{slice .Name 1 3}} {{slice .Name 4}} {{slice .Platforms 0 1}}",
                  "lp ne [linux/amd64]"},
        Rendering{"{{print 1 2 \"a\" 3 4}}|{{println 1 \"a\"}}|", "1 2a3 4|1 a\n|"},
        Rendering{"{{.Name | printf \"%s-%s\" \"x\" | len}}", "8"},
        Rendering{"{{html \"<a href='x'>&\\\"\"}}", "&lt;a href=&#39;x&#39;&gt;&amp;&#34;"},
        Rendering{"{{js \"it's <b>=\"}}", "it\\'s \\u003Cb\\u003E\\u003D"},
        Rendering{"{{urlquery \"a b&c/ü\"}}", "a+b%26c%2F%C3%BC"}));

INSTANTIATE_TEST_SUITE_P(
    Additions, RendersAsGo,
    ::testing::Values(Rendering{"{{default \"x\" .Missing}} {{default \"x\" .Name}}", "x alpine"},
                      Rendering{"{{upper .Name}} {{lower \"ABC\"}} {{trim \"  a \"}}",
                                "ALPINE abc a"},
                      Rendering{"{{replace \"a\" \"-\" \"banana\"}}", "b-n-n-"},
                      Rendering{"{{join \",\" (split \"/\" \"a/b/c\")}}", "a,b,c"},
                      Rendering{"{{quote \"a\\nb\"}}", "\"a\\nb\""}));

INSTANTIATE_TEST_SUITE_P(
    Printf, RendersAsGo,
    ::testing::Values(
        Rendering{"{{printf \"%05d|%-5d|%+d|%x|%X|%o|%b\" 42 42 42 255 255 8 5}}",
                  "00042|42   |+42|ff|FF|10|101"},
        Rendering{"{{printf \"%6.2f|%e|%g\" 3.14159 1500.0 1e21}}", "  3.14|1.500000e+03|1e+21"},
        Rendering{"{{printf \"%q %v %s %t\" \"a\\\"b\" 1.0 \"s\" true}}", "\"a\\\"b\" 1 s true"},
        Rendering{"{{printf \"%-6s|%6s|%.2s\" \"ab\" \"ab\" \"abcdef\"}}", "ab    |    ab|ab"},
        Rendering{"{{printf \"%d\" \"x\"}}", "%!d(string=x)"},
        Rendering{"{{printf \"%d %d\" 1}}", "1 %!d(MISSING)"},
        Rendering{"{{printf \"%d\" 1 2}}", "1%!(EXTRA int=2)"},
        Rendering{"{{printf \"%[2]s %[1]s\" \"a\" \"b\"}}", "b a"},
        Rendering{"{{printf \"100%%\"}}", "100%"},
        Rendering{"{{printf \"%c%U\" 'a' 'a'}}", "aU+0061"},
        Rendering{"{{printf \"%v\" .Platforms}}", "[linux/amd64 linux/arm64]"}));

INSTANTIATE_TEST_SUITE_P(Literals, RendersAsGo,
                         ::testing::Values(Rendering{"{{`a\\n{{`}}", "a\\n{{"},
                                           Rendering{"{{\"a\\t\\u00e9\\x41\\101\"}}",
                                                     "a\té"
                                                     "AA"},
                                           Rendering{"{{'a'}} {{0x1F}} {{1_000}} {{0b11}} {{0o17}}",
                                                     "97 31 1000 3 15"},
                                           Rendering{"{{1.5e3}} {{-2}} {{true}}", "1500 -2 true"}));

struct Refusal {
  std::string text;
  std::string message;
};

class Refuses : public ::testing::TestWithParam<Refusal> {};

TEST_P(Refuses, AndSaysWhere) {
  const auto rendered = RenderTemplate("Dockerfile.tmpl", GetParam().text, Data());
  EXPECT_EQ(std::string(rendered.status().message()), "Dockerfile.tmpl:" + GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Parsing, Refuses,
    ::testing::Values(Refusal{"a\n  {{", "2:3: this action is not closed"},
                      Refusal{"{{if .Name}}",
                              "1:13: the template ends before the {{end}} of an open block"},
                      Refusal{"{{end}}", "1:1: {{end}} without anything that it ends"},
                      Refusal{"{{pritnf 1}}",
                              "1:3: the function `pritnf` is not defined, did you mean `printf`?"},
                      Refusal{"{{$x}}", "1:3: the variable $x is not defined"},
                      Refusal{"{{\"a}}", "1:3: this quoted text is not closed on its line"},
                      Refusal{"{{(.Name}}", "1:9: a parenthesis is not closed"},
                      Refusal{"{{break}}", "1:1: {{break}} outside of {{range}}"},
                      Refusal{"{{/* a }}", "1:1: this comment is not closed"},
                      Refusal{"{{1 | 2}}", "1:7: what follows a `|` must be a function"},
                      Refusal{"{{define \"a\"}}{{end}}{{define \"a\"}}{{end}}",
                              "1:22: the template \"a\" is defined twice"}));

INSTANTIATE_TEST_SUITE_P(
    Rendering, Refuses,
    ::testing::Values(Refusal{"x\n{{.Missing}}", "2:3: .Missing has no value"},
                      Refusal{"{{.Name.Length}}", "1:3: there is no field Length in string"},
                      Refusal{"{{range .Number}}{{end}}", "1:9: range can't go over int"},
                      Refusal{"{{index .Platforms 2}}", "1:3: index: index 2 is out of range"},
                      Refusal{"{{eq 1 \"1\"}}", "1:3: eq: int and string can't be compared"},
                      Refusal{"{{len 3}}", "1:3: len: int has no length"},
                      Refusal{"{{not}}", "1:3: not needs 1 arguments, it has 0"},
                      Refusal{"{{call .Name}}", "1:3: call: string is no function to call"},
                      Refusal{"{{template \"nowhere\"}}",
                              "1:1: the template \"nowhere\" is not defined"}));

TEST(RenderTemplate, BoundsDepthStepsAndOutput) {
  using absl::StatusCode;
  const auto code = [](const std::string& text) {
    return RenderTemplate("T", text, Data()).status().code();
  };
  EXPECT_EQ(code("{{define \"r\"}}{{template \"r\"}}{{end}}{{template \"r\"}}"),
            StatusCode::kResourceExhausted);
  EXPECT_EQ(code("{{printf \"%1000000d\" 1}}"), StatusCode::kOk);
  std::string large;
  for (int i = 0; i < 17; ++i) large += "{{printf \"%1000000d\" 1}}";
  EXPECT_EQ(code(large), StatusCode::kResourceExhausted);
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "{{if 1}}";
  EXPECT_EQ(code(deep), StatusCode::kInvalidArgument);
  EXPECT_EQ(code("{{" + std::string(100'000, '(')), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace imglife
