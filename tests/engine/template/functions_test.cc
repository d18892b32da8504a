// The functions of templates.
#include "gtest/gtest.h"

#include "tests/engine/template/template_cases.h"

namespace imglife {
namespace {

using Case = TemplateCase;
using ::testing::Values;

class Functions : public RendersAsGo {};
TEST_P(Functions, ByteForByte) {
  Check();
}

INSTANTIATE_TEST_SUITE_P(
    Logic, Functions,
    Values(Case{"{{and 1 0}} {{and 1 2}} {{or 0 \"x\"}} {{or 0 \"\"}} {{not 0}}", "0 2 x  true"},
           Case{"{{or .Name (index .None 5)}} {{and .Zero (index .None 5)}}", "alpine 0"},
           Case{"{{0 | or 1}} {{3 | and 2}} {{1 | or}}", "1 3 1"},
           Case{"{{if and .Yes (not .Empty) (or .Zero .Half)}}a{{end}}", "a"}));

INSTANTIATE_TEST_SUITE_P(
    Comparison, Functions,
    Values(Case{"{{eq .Name \"x\" \"alpine\"}} {{eq 1 2 3}} {{ne 1 2}} {{ne 1 1}}",
                "true false true false"},
           Case{"{{lt 1 2}} {{le 2 2}} {{gt \"b\" \"a\"}} {{ge 1.5 2.5}} {{lt \"Z\" \"a\"}}",
                "true true true false true"},
           Case{"{{eq 1 1 \"x\"}} {{eq true true}} {{eq .None nil}}", "true true false"},
           Case{"{{.Number | eq 42}} {{.Number | lt 43}}", "true false"}));

INSTANTIATE_TEST_SUITE_P(
    Collections, Functions,
    Values(Case{"{{len .Platforms}} {{len .Name}} {{len .Args}} {{len \"é\"}}", "2 6 3 2"},
           Case{"{{index .Platforms 1}} {{index .Args \"MIRROR\"}} {{index .Name 0}}",
                "linux/arm64 eu-1 97"},
           Case{"{{index .Nested \"Deep\" \"Leaf\"}} {{index .Number}}", "green 42"},
           Case{"{{slice .Name 1 3}} {{slice .Name 4}} {{slice .Name}} {{slice .Name 6}}",
                "lp ne alpine "},
           Case{"{{slice .Platforms 0 1}} {{slice .Platforms 1 1 2}}", "[linux/amd64] []"}));

INSTANTIATE_TEST_SUITE_P(Printing, Functions,
                         Values(Case{"{{print 1 2 \"a\" 3 4}}|{{print}}|{{print \"a\" \"b\"}}",
                                     "1 2a3 4||ab"},
                                Case{"{{println 1 \"a\"}}|{{println}}|", "1 a\n|\n|"},
                                Case{"{{.Name | printf \"%s-%s\" \"x\" | len}}", "8"},
                                Case{"{{(print 1 | printf \"%s%s\" (print 2))}}", "21"}));

INSTANTIATE_TEST_SUITE_P(
    Escaping, Functions,
    Values(Case{"{{html \"<a href='x'>&\\\"\\x00\"}}",
                "&lt;a href=&#39;x&#39;&gt;&amp;&#34;\uFFFD"},
           Case{"{{html 1 2 \"<\" .Platforms}}", "1 2&lt;[linux/amd64 linux/arm64]"},
           Case{"{{js \"it's <b>=\\\\&\"}}", "it\\'s \\u003Cb\\u003E\\u003D\\\\\\u0026"},
           Case{"{{js \"a\\n\\x7f é\\u200b\"}}", "a\\u000A\x7f é\\u200B"},
           Case{"{{js .Broken}}", "a\xff\xc3\xa9"},
           Case{"{{urlquery \"a b&c/ü~-_.\"}}", "a+b%26c%2F%C3%BC~-_."}));

INSTANTIATE_TEST_SUITE_P(
    Additions, Functions,
    Values(Case{"{{default \"x\" .Missing}} {{default \"x\" .Name}} {{.Empty | default 3}}",
                "x alpine 3"},
           Case{"{{upper .Name}} {{lower \"ABC\"}} {{trim \" \\n a \\t\"}}|{{trim \" \"}}|",
                "ALPINE abc a||"},
           Case{"{{replace \"a\" \"-\" \"banana\"}} {{\"aaa\" | replace \"aa\" \"b\"}}",
                "b-n-n- ba"},
           Case{"{{join \",\" (split \"/\" \"a/b//c\")}} {{len (split \",\" \"\")}}", "a,b,,c 1"},
           Case{"{{join \"+\" .Mixed}}", "1+a+2.5+true+<nil>"},
           Case{"{{quote \"a\\nb\\\"\"}} {{quote 3}}", "\"a\\nb\\\"\" \"3\""}));

}  // namespace
}  // namespace imglife
