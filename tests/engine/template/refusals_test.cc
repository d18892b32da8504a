// What templates are refused for, and where.
#include <ostream>
#include <string>

#include "gtest/gtest.h"

#include "engine/template/template.h"
#include "tests/engine/template/template_cases.h"

namespace imglife {
namespace {

struct Refusal {
  std::string text;
  std::string message;
};

void PrintTo(const Refusal& refusal, std::ostream* out) {
  *out << refusal.text;
}

class Refuses : public ::testing::TestWithParam<Refusal> {
 protected:
  void Check(absl::StatusCode code) const {
    const auto rendered = RenderTemplate("Dockerfile.tmpl", GetParam().text, TestData());
    EXPECT_EQ(rendered.status().code(), code);
    EXPECT_EQ(std::string(rendered.status().message()), "Dockerfile.tmpl:" + GetParam().message);
  }
};

class RefusesToParse : public Refuses {};
TEST_P(RefusesToParse, AndSaysWhere) {
  Check(absl::StatusCode::kInvalidArgument);
}

class RefusesToRender : public Refuses {};
TEST_P(RefusesToRender, AndSaysWhere) {
  Check(absl::StatusCode::kFailedPrecondition);
}

using ::testing::Values;

INSTANTIATE_TEST_SUITE_P(
    Tokens, RefusesToParse,
    Values(Refusal{"a\n  {{", "2:3: this action is not closed"},
           Refusal{"{{\"a}}", "1:3: this quoted text is not closed on its line"},
           Refusal{"{{`a}}", "1:3: this raw text is not closed"},
           Refusal{"{{\"\\'\"}}", "1:3: \"\\'\" has an unknown escape"},
           Refusal{"{{'ab'}}", "1:3: 'ab' is not one character"},
           Refusal{"{{/* a }}", "1:1: this comment is not closed"},
           Refusal{"{{/* a */ }}", "1:1: a comment must fill its action: {{/* … */}}"},
           Refusal{"{{.Name”}}", "1:8: unexpected character `”`"},
           Refusal{"{{.Name\u00a0}}", "1:8: unexpected character `\u00a0`"},
           Refusal{"{{$x=1}}", "1:5: unexpected character `=`"},
           Refusal{"{{1 % 2}}", "1:5: unexpected character `%`"},
           Refusal{"{{(.Name}}", "1:9: a parenthesis is not closed"},
           Refusal{"{{.Name)}}", "1:8: an unexpected `)`"},
           Refusal{"{{99999999999999999999}}",
                   "1:3: `99999999999999999999` doesn't fit in 64 bits, or is octal with a digit "
                   "that octal doesn't have"},
           Refusal{"{{1__0}}", "1:3: `1__0` has a `_` that is not between digits"},
           Refusal{"{{1x}}", "1:3: `1x` is no number that fits in 64 bits"}));

INSTANTIATE_TEST_SUITE_P(
    Pipelines, RefusesToParse,
    Values(Refusal{"{{}}", "1:3: a value is missing in an action"},
           Refusal{"{{if}}{{end}}", "1:5: a value is missing in if"},
           Refusal{"{{print (1)(2)}}", "1:12: unexpected `(` in an action"},
           Refusal{"{{..Name}}", "1:4: unexpected `.Name` after a value that has no fields"},
           Refusal{"{{1 | 2}}", "1:7: what follows a `|` must be a function"},
           Refusal{"{{pritnf 1}}",
                   "1:3: the function `pritnf` is not defined, did you mean `printf`?"},
           Refusal{"{{env \"HOME\"}}", "1:3: the function `env` is not defined"},
           Refusal{"{{print if}}", "1:9: `if` must be the first word of an action"},
           Refusal{"{{$x}}", "1:3: the variable $x is not defined"},
           Refusal{"{{$registry := 1}}{{$regisrty}}",
                   "1:21: the variable $regisrty is not defined, did you mean $registry?"},
           Refusal{"{{if $x := 1}}{{end}}{{$x}}", "1:24: the variable $x is not defined"}));

INSTANTIATE_TEST_SUITE_P(
    Blocks, RefusesToParse,
    Values(Refusal{"{{if .Name}}", "1:13: the template ends before the {{end}} of an open block"},
           Refusal{"{{end}}", "1:1: {{end}} without anything that it ends"},
           Refusal{"a\n{{else}}", "2:1: {{else}} without anything that it ends"},
           Refusal{"{{if 1}}{{else}}{{else}}{{end}}", "1:17: a second {{else}}"},
           Refusal{"{{break}}", "1:1: {{break}} outside of {{range}}"},
           Refusal{"{{range .None}}{{block \"b\" .}}{{continue}}{{end}}{{end}}",
                   "1:31: {{continue}} outside of {{range}}"},
           Refusal{"{{if 1}}{{define \"a\"}}{{end}}{{end}}",
                   "1:9: {{define}} inside of another block"},
           Refusal{"{{define a}}{{end}}",
                   "1:10: unexpected `a` in define: a quoted name must follow"},
           Refusal{"{{define \"a\"}}x{{end}}\n{{define \"a\"}}y{{end}}",
                   "2:1: the template \"a\" is defined twice"}));

// Only an if goes on with {{else if}}, only a with with {{else with}}.
INSTANTIATE_TEST_SUITE_P(
    ElseWith, RefusesToParse,
    Values(Refusal{"{{with 1}}{{else with}}{{end}}", "1:22: a value is missing in with"},
           Refusal{"{{with 1}}{{else with 2}}{{else}}{{else}}{{end}}", "1:34: a second {{else}}"},
           Refusal{"{{with 1}}{{else with $y := 2}}{{end}}{{$y}}",
                   "1:41: the variable $y is not defined"},
           Refusal{"{{with 1}}{{else if 2}}{{end}}", "1:18: unexpected `if` in else"},
           Refusal{"{{if 1}}{{else with 2}}{{end}}", "1:16: unexpected `with` in else"},
           Refusal{"{{range 1}}{{else with 2}}{{end}}", "1:19: unexpected `with` in else"},
           Refusal{"{{with 1}}{{else with 2}}{{else if 3}}{{end}}",
                   "1:33: unexpected `if` in else"}));

INSTANTIATE_TEST_SUITE_P(
    Values, RefusesToRender,
    Values(Refusal{"x\n{{.Missing}}", "2:3: .Missing has no value"},
           Refusal{"{{.Nmae}}", "1:3: .Nmae has no value, did you mean .Name?"},
           Refusal{"{{.Nested.Dep.Leaf}}",
                   "1:3: .Nested.Dep.Leaf has no value, did you mean .Nested.Deep?"},
           Refusal{"{{$x := .Args}}{{$x.MIROR}}",
                   "1:18: $x.MIROR has no value, did you mean $x.MIRROR?"},
           Refusal{"{{index .Args \"X\"}}", "1:3: the result of index has no value"},
           Refusal{"{{define \"t\"}}{{.}}{{end}}{{template \"t\"}}", "1:17: the dot has no value"},
           Refusal{"{{html .Missing}}", "1:3: html: what it is given has no value"},
           Refusal{"{{.Name.Length}}", "1:3: there is no field Length in a value of type string"},
           Refusal{"{{range .Half}}{{end}}", "1:9: range can't go over a value of type float64"},
           Refusal{"{{range .Yes}}{{end}}", "1:9: range can't go over a value of type bool"},
           Refusal{"{{range $i, $x := 3}}{{end}}",
                   "1:9: range over an integer sets one variable, not two"},
           Refusal{"{{range $i, $x := 0}}{{else}}{{end}}",
                   "1:9: range over an integer sets one variable, not two"},
           Refusal{"{{range .Name}}{{end}}", "1:9: range can't go over a value of type string"},
           Refusal{"{{.Name 1}}",
                   "1:3: this is no function, it can't have arguments or follow a `|`"},
           Refusal{"{{1 | .Name}}",
                   "1:7: this is no function, it can't have arguments or follow a `|`"},
           Refusal{"{{nil}}", "1:3: nil is not a command"},
           Refusal{"{{or 1 ($y := 2)}}{{$y}}", "1:21: the variable $y is not declared before this"},
           Refusal{"{{$x = 1}}", "1:3: the variable $x is not declared before this"},
           Refusal{"{{template \"nowhere\"}}", "1:1: the template \"nowhere\" is not defined"},
           Refusal{"{{define \"header\"}}x{{end}}{{template \"haeder\"}}",
                   "1:28: the template \"haeder\" is not defined, did you mean \"header\"?"}));

INSTANTIATE_TEST_SUITE_P(
    Arguments, RefusesToRender,
    Values(Refusal{"{{index .Platforms 2}}", "1:3: index: index 2 is out of range"},
           Refusal{"{{index .Platforms -1}}", "1:3: index: index -1 is out of range"},
           Refusal{"{{index .None 0}}", "1:3: index: index 0 is out of range"},
           Refusal{"{{index .Args 1}}", "1:3: index: a string as key is wanted, not int"},
           Refusal{"{{index .Missing 1}}", "1:3: index: nil can't be indexed"},
           Refusal{"{{slice .Name 3 2}}", "1:3: slice: the slice 3:2 ends before it begins"},
           Refusal{"{{slice .Name 7}}", "1:3: slice: index 7 is out of range"},
           Refusal{"{{slice .Name 1 2 3}}", "1:3: slice: a string has no third index"},
           Refusal{"{{eq 1 \"1\"}}", "1:3: eq: int and string can't be compared"},
           Refusal{"{{eq 1 1.0}}", "1:3: eq: int and float64 can't be compared"},
           Refusal{"{{eq .None .None}}", "1:3: eq: list and list can't be compared"},
           Refusal{"{{lt true false}}", "1:3: lt: bool and bool have no order"},
           Refusal{"{{len 3}}", "1:3: len: int has no length"},
           Refusal{"{{not}}", "1:3: not needs 1 argument, it has 0"},
           Refusal{"{{1 | eq}}", "1:7: eq needs at least 2 arguments, it has 1"},
           Refusal{"{{slice 1 2 3 4 5}}", "1:3: slice needs 1 to 4 arguments, it has 5"},
           Refusal{"{{and}}", "1:3: and needs at least 1 argument, it has 0"},
           Refusal{"{{printf 1}}", "1:3: printf: a string as format is wanted, not int"},
           Refusal{"{{call .Name}}", "1:3: call: string is no function to call"},
           Refusal{"{{upper 1}}", "1:3: upper: a string is wanted, not int"},
           Refusal{"{{split \"\" \"a\"}}", "1:3: split: the separator is empty"},
           Refusal{"{{replace \"\" \"a\" \"b\"}}", "1:3: replace: the text to replace is empty"}));

}  // namespace
}  // namespace imglife
