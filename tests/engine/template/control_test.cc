// Actions, blocks, variables and templates in templates.
#include "gtest/gtest.h"

#include "tests/engine/template/template_cases.h"

namespace imglife {
namespace {

using Case = TemplateCase;
using ::testing::Values;

class Control : public RendersAsGo {};
TEST_P(Control, ByteForByte) {
  Check();
}

INSTANTIATE_TEST_SUITE_P(
    Fields, Control,
    Values(Case{"", ""}, Case{"no action } }}", "no action } }}"},
           Case{"{{.Name}}:{{.Number}}", "alpine:42"}, Case{"{{.Nested.Deep.Leaf}}", "green"},
           Case{"{{(.Nested).Deep.Leaf}}", "green"},
           Case{"{{(index .Nested.Deep \"Leaf\")}}", "green"},
           Case{"{{$.Name}}{{with .Nested}}{{$.Name}}{{.Deep.Leaf}}{{end}}", "alpinealpinegreen"},
           Case{"{{.Platforms}}", "[linux/amd64 linux/arm64]"},
           Case{"{{.Args}}", "map[EMPTY: MIRROR:eu-1 QUOTED:say \"hi\"]"},
           Case{"{{.Half}} {{.Million}} {{.Yes}}", "1.5 1e+06 true"},
           Case{"{{.Mixed}}", "[1 a 2.5 true <nil>]"}, Case{"{{.Name |}}", "alpine"}));

INSTANTIATE_TEST_SUITE_P(
    Missing, Control,
    Values(Case{"{{if .Missing.Deep.Deeper}}a{{else}}b{{end}}", "b"},
           Case{"{{range .Missing}}a{{else}}b{{end}}", "b"},
           Case{"{{with .Missing}}a{{else}}b{{end}}", "b"},
           Case{"{{print .Missing}} {{printf \"%v %s\" nil .Missing}}", "<nil> <nil> %!s(<nil>)"},
           Case{"{{eq .Missing nil}} {{eq .Missing \"a\"}} {{not .Missing}}", "true false true"}));

INSTANTIATE_TEST_SUITE_P(
    Trimming, Control,
    Values(Case{"a  {{- .Zero -}}  b", "a0b"}, Case{"a \t\r\n{{- /* c */ -}}\r\n b", "ab"},
           Case{"{{/* a }} b */}}x", "x"}, Case{"{{/**/}}x", "x"}, Case{"{{-3}}", "-3"},
           Case{"{{ 3 -}} \n x", "3x"}, Case{"{{- 3}} x", "3 x"}, Case{"{{\"}}\"}}", "}}"},
           Case{"a\n{{- if true}} b{{end -}}\nc", "a bc"}, Case{"{{23 -}} < {{- 45}}", "23<45"},
           Case{"{{.Name\n|\nprint}}", "alpine"}));

INSTANTIATE_TEST_SUITE_P(
    Conditions, Control,
    Values(Case{"{{if .Zero}}a{{else if .Name}}b{{else}}c{{end}}", "b"},
           Case{"{{if .Zero}}a{{else if .Empty}}b{{else}}c{{end}}", "c"},
           Case{"{{if .None}}a{{end}}{{if .Args.EMPTY}}b{{end}}{{if .Missing}}c{{end}}", ""},
           Case{"{{if $x := .Zero}}a{{else if $y := .Name}}{{$x}}{{$y}}{{end}}", "0alpine"},
           Case{"{{with .Nested.Deep}}{{.Leaf}}{{end}}{{with .Zero}}x{{else}}{{.Name}}{{end}}",
                "greenalpine"},
           Case{"{{with $x := .Name}}{{$x}}{{.}}{{end}}", "alpinealpine"}));

INSTANTIATE_TEST_SUITE_P(
    ElseWith, Control,
    Values(Case{"{{with .Zero}}a{{else with .Number}}b{{.}}{{end}}", "b42"},
           Case{"{{with 1}}a{{.}}{{else with 2}}b{{.}}{{end}}", "a1"},
           Case{"{{with .Zero}}{{else with .Empty}}{{else with 3}}{{.}}{{end}}", "3"},
           Case{"{{with .Zero}}a{{else with .Empty}}b{{end}}", ""},
           // Where nothing is there, the dot is the one of before.
           Case{"{{with .Zero}}a{{else with .Empty}}b{{else}}c{{.Name}}{{end}}", "calpine"},
           Case{"{{with .Missing}}a{{else with .Nested}}{{.Deep.Leaf}}{{end}}", "green"},
           // What an earlier one declares is known until the end, and hidden by a later one.
           Case{"{{with $x := .Zero}}a{{else with $y := .Name}}{{$x}}{{$y}}{{.}}{{end}}",
                "0alpinealpine"},
           Case{"{{with $x := .Zero}}{{else with $x := .Empty}}{{else}}[{{$x}}]{{end}}", "[]"},
           Case{"{{range .Platforms}}{{with 0}}{{else with .}}{{.}} {{continue}}{{end}}x{{end}}",
                "linux/amd64 linux/arm64 "}));

INSTANTIATE_TEST_SUITE_P(
    Range, Control,
    Values(Case{"{{range .Platforms}}<{{.}}>{{end}}", "<linux/amd64><linux/arm64>"},
           Case{"{{range $p := .Platforms}}{{$p}} {{end}}", "linux/amd64 linux/arm64 "},
           Case{"{{range $i, $p := .Platforms}}{{$i}}={{$p}} {{end}}",
                "0=linux/amd64 1=linux/arm64 "},
           Case{"{{range $k, $v := .Args}}{{$k}}={{printf \"%q\" $v}};{{end}}",
                "EMPTY=\"\";MIRROR=\"eu-1\";QUOTED=\"say \\\"hi\\\"\";"},
           Case{"{{range .None}}a{{else}}none{{end}}", "none"},
           Case{"{{range $x := .None}}{{else}}{{$x}}{{end}}", "[]"},
           Case{"{{range .Platforms}}{{if eq . \"linux/amd64\"}}{{continue}}{{end}}{{.}}{{end}}",
                "linux/arm64"},
           Case{"{{range .Platforms}}{{.}}{{break}}{{end}}", "linux/amd64"},
           Case{"{{range .Platforms}}{{range $.Platforms}}{{break}}{{end}}x{{end}}", "xx"},
           Case{"{{$x := 1}}{{range $x = .Platforms}}{{end}}{{$x}}", "linux/arm64"},
           Case{"{{$i := 1}}{{$x := 1}}{{range $i, $x = .Platforms}}{{end}}{{$i}}{{$x}}",
                "1linux/arm64"}));

INSTANTIATE_TEST_SUITE_P(
    RangeOverInteger, Control,
    Values(Case{"{{range 3}}{{.}},{{end}}", "0,1,2,"},
           Case{"{{range $i := 3}}<{{$i}}{{.}}>{{end}}", "<00><11><22>"},
           Case{"{{range $i := .Zero}}a{{else}}{{$i}}{{.Name}}{{end}}", "0alpine"},
           Case{"{{range .Minus}}a{{else}}none{{end}}", "none"}, Case{"{{range 0}}a{{end}}", ""},
           Case{"{{range len .Platforms}}{{index $.Platforms .}} {{end}}",
                "linux/amd64 linux/arm64 "},
           Case{"{{range '\x02'}}a{{end}}", "aa"},
           Case{"{{range 3}}{{range .}}{{.}}{{else}}-{{end}};{{end}}", "-;0;01;"},
           // Assigned, the variable is the integer first and keeps the last number.
           Case{"{{$i := 9}}{{range $i = 3}}{{end}}{{$i}}", "2"},
           Case{"{{$i := 9}}{{range $i = 0}}{{else}}{{$i}}{{end}}{{$i}}", "00"},
           Case{"{{$n := 2}}{{range $n = $n}}{{$n}}{{end}}{{$n}}", "011"},
           Case{"{{range 5}}{{if eq . 1}}{{continue}}{{end}}{{if eq . 3}}{{break}}{{end}}{{.}}"
                "{{end}}",
                "02"},
           Case{"{{range 9223372036854775807}}{{break}}{{end}}x", "x"}));

INSTANTIATE_TEST_SUITE_P(
    Variables, Control,
    Values(Case{"{{$x := 1}}{{range .Platforms}}{{$x = .}}{{end}}{{$x}}", "linux/arm64"},
           Case{"{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}", "21"},
           Case{"{{$x:=1}}{{$x}}", "1"}, Case{"{{$größe := 3}}{{$größe}}", "3"},
           Case{"{{$x := .Nested}}{{$x.Deep.Leaf}}", "green"},
           Case{"{{(($x := 3) | print)}}{{$x}}", "33"}));

INSTANTIATE_TEST_SUITE_P(
    Templates, Control,
    Values(Case{"{{define \"t\"}}<{{.}}>{{end}}{{template \"t\" .Name}}{{template \"t\" 1}}",
                "<alpine><1>"},
           Case{"{{block \"b\" .Name}}[{{.}}]{{end}}{{template \"b\" 2}}", "[alpine][2]"},
           Case{"{{template \"t\"}}{{define \"t\"}}{{if .}}a{{else}}b{{end}}{{end}}", "b"},
           Case{"{{define `t`}}{{$}}{{end}}{{template \"t\" $x := 3}}{{$x}}", "33"},
           Case{"{{define \"t\"}} {{end}}{{define \"t\"}}x{{end}}{{template \"t\"}}", "x"},
           Case{"{{define \"t\"}}x{{end}}{{define \"t\"}} {{end}}{{template \"t\"}}", "x"},
           Case{"{{define \"r\"}}{{if .}}{{len .}}{{template \"r\" slice . 1}}{{end}}{{end}}"
                "{{template \"r\" .Name}}",
                "654321"},
           Case{"{{with .Empty}}{{template \"T\"}}{{end}}a", "a"}));

INSTANTIATE_TEST_SUITE_P(
    Literals, Control,
    Values(Case{"{{`a\\n{{\r\n`}}", "a\\n{{\n"},
           Case{"{{\"a\\t\\u00e9\\x41\\101\\\"\"}}",
                "a\té"
                "AA\""},
           Case{"{{'a'}} {{'\\n'}} {{'\\''}} {{'é'}} {{'\\xff'}}", "97 10 39 233 255"},
           Case{"{{0x1F}} {{1_000}} {{0b11}} {{0o17}} {{017}} {{+5}} {{-0}}",
                "31 1000 3 15 15 5 0"},
           Case{"{{1.5e3}} {{1.}} {{.5}} {{-0.0}} {{0x1p-2}} {{1e21}} {{1e-5}}",
                "1500 1 0.5 -0 0.25 1e+21 1e-05"},
           Case{"{{123456.5}} {{1234567.5}} {{-9223372036854775808}}",
                "123456.5 1.2345675e+06 -9223372036854775808"},
           Case{"{{true}} {{false}}", "true false"}));

}  // namespace
}  // namespace imglife
